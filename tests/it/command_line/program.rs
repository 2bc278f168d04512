//! Runs the program: once for an answer, or as a server.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crate::{
    actor::Actor,
    database::{Database, Kind, includes},
};

/// How long something may take that a loaded machine does at all.
const BOUND: Duration = Duration::from_mins(2);

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

/// As long as there may be: how fast the machine is, no test depends on.
const PATIENT: [(&str, &str); 5] = [
    ("FIELDGUARD_LIMITS_EXECUTION", "10m"),
    ("FIELDGUARD_LIMITS_DATABASE", "5m"),
    ("FIELDGUARD_LIMITS_HEADER_TIMEOUT", "5m"),
    ("FIELDGUARD_LIMITS_BODY_TIMEOUT", "5m"),
    ("FIELDGUARD_LIMITS_IDLE_TIMEOUT", "1h"),
];

/// The program on a database of its own, with settings of its own.
pub struct Program {
    database: Arc<Database>,
    variables: Vec<(String, String)>,
}

/// What a run of it gave.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ended {
    /// All it said.
    pub fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// What it printed, where it went well.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self.out
    }
}

impl Program {
    /// On the embedded database, in an empty directory.
    pub fn new() -> Self {
        Self { database: Arc::new(Database::sqlite()), variables: Vec::new() }
    }

    /// As [`Program::new`], with a database that is up to date.
    pub fn migrated() -> Self {
        let program = Self::new();
        program.run(&["migrate"]).ok();
        program
    }

    /// On PostgreSQL, where the environment names a server.
    pub async fn postgres() -> Option<Self> {
        let database = Database::postgres().await?;
        let url = database.url.clone();
        Some(Self { database: Arc::new(database), variables: Vec::new() }.set("FIELDGUARD_DATABASE_URL", &url))
    }

    /// Another on the same database and in the same directory.
    pub fn beside(&self) -> Self {
        Self { database: self.database.clone(), variables: self.variables.clone() }
    }

    /// The same with a setting in its environment.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The database, for what no command does.
    pub fn database(&self) -> &str {
        &self.database.url
    }

    /// Where it runs.
    pub fn directory(&self) -> &Path {
        self.database.directory.path()
    }

    /// Its database, once it ran.
    pub fn database_url(&self) -> &str {
        &self.database.url
    }

    /// Runs it and waits for its end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, "")
    }

    /// Runs it with `input` on standard input.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Ended {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        // One that refuses its arguments is gone before it reads.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: status.code(), out: text(stdout), err: text(stderr) }
    }

    /// Runs it for somebody who reads nothing of what it says.
    pub fn run_unheard(&self, arguments: &[&str]) -> Ended {
        let mut child = self.command(arguments).stdin(Stdio::null()).spawn().unwrap();
        drop(child.stdout.take());
        let Output { status, stderr, .. } = child.wait_with_output().unwrap();
        Ended { code: status.code(), out: String::new(), err: String::from_utf8(stderr).unwrap() }
    }

    /// Starts it as a server on a free port, and waits until it listens.
    pub fn serve(&self) -> Serving {
        self.serve_on("127.0.0.1:0")
    }

    /// Starts it as a server on that address, and waits until it listens.
    pub fn serve_on(&self, listen: &str) -> Serving {
        self.start(self.command(&["serve", "--listen", listen]))
    }

    /// The same with another standard error than one that is read, or the same.
    pub fn serve_logging_to(&self, log: Stdio) -> Serving {
        let mut command = self.command(&SERVE);
        command.stderr(log);
        self.start(command)
    }

    /// The same in the process of another program, which is given the command after its own `arguments`.
    pub fn serve_under(&self, program: &str, arguments: &[&str]) -> Serving {
        let server = self.command(&SERVE);
        let mut command = self.command_of(program, arguments);
        command.arg(server.get_program()).args(server.get_args());
        self.start(command)
    }

    fn start(&self, mut command: Command) -> Serving {
        let mut child = command.stdin(Stdio::null()).spawn().unwrap();
        let lines = lines_of(child.stdout.take().unwrap());
        let log = Arc::new(Mutex::new(String::new()));
        let collecting = child.stderr.take().map(|stderr| collect(stderr, log.clone()));
        let first = lines.recv_timeout(BOUND);
        let first = first.unwrap_or_else(|_| panic!("it did not start: {}", log.lock().unwrap()));
        let address = first.split("http://").nth(1).and_then(|it| it.split('/').next()).unwrap().to_owned();
        Serving { child, address, first, lines, log, collecting, _database: self.database.clone() }
    }

    /// Starts it as a server on a free port with a standard output that tells nothing of it: `wrap` may replace the command.
    /// Waits until it logs that it listens.
    pub fn serve_printing_to(&self, out: Stdio, wrap: impl FnOnce(Command) -> Command) -> Serving {
        let mut child =
            wrap(self.command(&SERVE)).stdin(Stdio::null()).stdout(out).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let collecting = Some(collect(child.stderr.take().unwrap(), log.clone()));
        let begun = Instant::now();
        let address = loop {
            if let Some(line) = log.lock().unwrap().lines().find(|line| line.contains(" listening ")) {
                break line.split("address=").nth(1).unwrap().to_owned();
            }
            assert!(begun.elapsed() < BOUND, "it did not start: {}", log.lock().unwrap());
            std::thread::yield_now();
        };
        let lines = mpsc::channel().1;
        Serving { child, address, first: String::new(), lines, log, collecting, _database: self.database.clone() }
    }

    /// Starts it, for a test that looks after the rest by itself.
    pub fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdin(Stdio::null()).spawn().unwrap()
    }

    /// How it is started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(env!("CARGO_BIN_EXE_fieldguard"), arguments)
    }

    fn command_of(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.directory()).env_clear();
        command.envs(PATIENT).envs(self.variables.iter().cloned());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// A server that runs.
pub struct Serving {
    child: Child,
    /// `127.0.0.1:PORT`
    pub address: String,
    /// The line that says where it listens.
    pub first: String,
    lines: Receiver<String>,
    log: Arc<Mutex<String>>,
    collecting: Option<JoinHandle<()>>,
    /// Stays as long as the server needs it.
    _database: Arc<Database>,
}

impl Serving {
    /// The next line it prints.
    pub fn line(&self) -> String {
        self.lines.recv_timeout(BOUND).expect("it prints another line")
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Everything it has logged; it is told to end for it, since a kill would cost the last lines.
    pub fn whole_log(mut self) -> String {
        assert!(Command::new("kill").arg(self.id().to_string()).status().unwrap().success());
        self.end();
        self.collecting.take().unwrap().join().unwrap();
        self.log()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn anonymous(&self) -> Actor {
        Actor::new(self.url("/graphql"), None)
    }

    /// The value of one of its metrics.
    pub async fn metric(&self, name: &str) -> u64 {
        let text = reqwest::get(self.url("/metrics")).await.unwrap().text().await.unwrap();
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
    }

    /// Is it still the process that was started?
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end, for its exit code.
    pub fn end(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines_of(output: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || BufReader::new(output).lines().map_while(Result::ok).try_for_each(|it| sender.send(it)));
    lines
}

fn collect(output: impl Read + Send + 'static, log: Arc<Mutex<String>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            log.lock().unwrap().push_str(&(line + "\n"));
        }
    })
}

/// Runs the test with the program on each database.
pub async fn each(test: impl AsyncFn(Program)) {
    if includes(Kind::Sqlite) {
        test(Program::new()).await;
    }
    if let Some(program) = Program::postgres().await {
        test(program).await;
    }
}
