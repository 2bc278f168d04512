//! Runs the program, as a command or as a server.

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

/// A time limit that a loaded machine keeps, too.
const TIMEOUT: Duration = Duration::from_mins(2);

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

/// Long limits, so that no test depends on the speed of the machine.
const LONG_LIMITS: [(&str, &str); 5] = [
    ("FIELDGUARD_LIMITS_EXECUTION", "10m"),
    ("FIELDGUARD_LIMITS_DATABASE", "5m"),
    ("FIELDGUARD_LIMITS_HEADER_TIMEOUT", "5m"),
    ("FIELDGUARD_LIMITS_BODY_TIMEOUT", "5m"),
    ("FIELDGUARD_LIMITS_IDLE_TIMEOUT", "1h"),
];

/// The program with a database and settings of its own.
pub struct Program {
    database: Arc<Database>,
    variables: Vec<(String, String)>,
}

/// The result of a run.
#[derive(Debug)]
pub struct RunResult {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl RunResult {
    /// Standard output and standard error.
    pub fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// Standard output. Panics unless the exit code is 0.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self.out
    }
}

impl Program {
    /// Uses SQLite, in an empty directory.
    pub fn new() -> Self {
        Self { database: Arc::new(Database::sqlite()), variables: Vec::new() }
    }

    /// Uses SQLite, with a migrated database.
    pub fn migrated() -> Self {
        let program = Self::new();
        program.run(&["migrate"]).ok();
        program
    }

    /// Uses PostgreSQL, if the environment names a server.
    pub async fn postgres() -> Option<Self> {
        let database = Database::postgres().await?;
        let url = database.url.clone();
        Some(Self { database: Arc::new(database), variables: Vec::new() }.set("FIELDGUARD_DATABASE_URL", &url))
    }

    /// Another program with the same database and directory.
    pub fn replica(&self) -> Self {
        Self { database: self.database.clone(), variables: self.variables.clone() }
    }

    /// Sets an environment variable.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The URL of the database, which may not exist yet.
    pub fn database(&self) -> &str {
        &self.database.url
    }

    /// The working directory.
    pub fn directory(&self) -> &Path {
        self.database.directory.path()
    }

    /// The URL of the database.
    pub fn database_url(&self) -> &str {
        &self.database.url
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> RunResult {
        self.run_with(arguments, "")
    }

    /// The error of a start, which `config check` reports as well.
    #[track_caller]
    pub fn refused(&self) -> String {
        let [served, checked] = [&["serve"][..], &["config", "check"]].map(|command| self.run(command));
        assert_eq!((served.code, checked.code), (Some(2), Some(2)), "{served:?} {checked:?}");
        assert_eq!(served.err, checked.err);
        served.err
    }

    /// Runs a command with `input` on standard input.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> RunResult {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        // A command that refuses its arguments exits before it reads.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        RunResult { code: status.code(), out: text(stdout), err: text(stderr) }
    }

    /// Runs a command whose standard output is closed.
    pub fn run_with_closed_output(&self, arguments: &[&str]) -> RunResult {
        let mut child = self.command(arguments).stdin(Stdio::null()).spawn().unwrap();
        drop(child.stdout.take());
        let Output { status, stderr, .. } = child.wait_with_output().unwrap();
        RunResult { code: status.code(), out: String::new(), err: String::from_utf8(stderr).unwrap() }
    }

    /// Starts a server on a free port, and waits until it listens.
    pub fn serve(&self) -> RunningServer {
        self.serve_on("127.0.0.1:0")
    }

    /// Starts a server on this address, and waits until it listens.
    pub fn serve_on(&self, listen: &str) -> RunningServer {
        self.start(self.command(&["serve", "--listen", listen]))
    }

    /// Starts a server with this standard error.
    pub fn serve_logging_to(&self, log: Stdio) -> RunningServer {
        let mut command = self.command(&SERVE);
        command.stderr(log);
        self.start(command)
    }

    /// Starts a server as a child of another program, which gets the command after its own `arguments`.
    pub fn serve_under(&self, program: &str, arguments: &[&str]) -> RunningServer {
        let server = self.command(&SERVE);
        let mut command = self.command_of(program, arguments);
        command.arg(server.get_program()).args(server.get_args());
        self.start(command)
    }

    fn start(&self, mut command: Command) -> RunningServer {
        let mut child = command.stdin(Stdio::null()).spawn().unwrap();
        let lines = lines_of(child.stdout.take().unwrap());
        let log = Arc::new(Mutex::new(String::new()));
        let collecting = child.stderr.take().map(|stderr| collect(stderr, log.clone()));
        let first = lines.recv_timeout(TIMEOUT);
        let first = first.unwrap_or_else(|_| panic!("the server did not start: {}", log.lock().unwrap()));
        let address = first.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap().to_owned();
        RunningServer { child, address, first, lines, log, collecting, _database: self.database.clone() }
    }

    /// Starts a server on a free port with this standard output, and waits until it logs that it listens. `wrap` may
    /// replace the command.
    pub fn serve_printing_to(&self, out: Stdio, wrap: impl FnOnce(Command) -> Command) -> RunningServer {
        let mut child =
            wrap(self.command(&SERVE)).stdin(Stdio::null()).stdout(out).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let collecting = Some(collect(child.stderr.take().unwrap(), log.clone()));
        let begun = Instant::now();
        let address = loop {
            if let Some(line) = log.lock().unwrap().lines().find(|line| line.contains(" listening ")) {
                break line.split("address=").nth(1).unwrap().to_owned();
            }
            assert!(begun.elapsed() < TIMEOUT, "the server did not start: {}", log.lock().unwrap());
            std::thread::yield_now();
        };
        let lines = mpsc::channel().1;
        RunningServer { child, address, first: String::new(), lines, log, collecting, _database: self.database.clone() }
    }

    /// Starts a command without waiting for it.
    pub fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdin(Stdio::null()).spawn().unwrap()
    }

    /// The command with its environment and directory.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(env!("CARGO_BIN_EXE_fieldguard"), arguments)
    }

    fn command_of(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.directory()).env_clear();
        command.envs(LONG_LIMITS).envs(self.variables.iter().cloned());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// A running server.
pub struct RunningServer {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// The first line on standard output, which has the address.
    pub first: String,
    lines: Receiver<String>,
    log: Arc<Mutex<String>>,
    collecting: Option<JoinHandle<()>>,
    /// Keeps the database until the server has stopped.
    _database: Arc<Database>,
}

impl RunningServer {
    /// The next line on standard output.
    pub fn line(&self) -> String {
        self.lines.recv_timeout(TIMEOUT).expect("the server prints another line")
    }

    /// Standard error so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Standard error to its end. Stops the server with SIGTERM, since a kill would lose the last lines.
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

    /// The value of a metric.
    pub async fn metric(&self, name: &str) -> u64 {
        let text = reqwest::get(self.url("/metrics")).await.unwrap().text().await.unwrap();
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
    }

    /// Whether the process still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until the process exits. Returns its exit code.
    pub fn end(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Kills the process with SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines_of(output: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        BufReader::new(output).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
    });
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
