//! The built server, in an empty directory, with an administrator.

use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const PASSWORD: &str = "a long walk by the river";
/// The unit of `/proc/PID/stat`, which Linux fixes at a hundredth of a second.
const TICK: Duration = Duration::from_millis(10);

pub struct Server {
    process: Child,
    address: SocketAddr,
    directory: tempfile::TempDir,
    settings: Vec<String>,
}

impl Server {
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts a server with these command-line arguments. Its log goes to a file.
    pub fn with(settings: &[String]) -> Self {
        let directory = tempfile::tempdir().expect("the temporary directory is created");
        let mut admin = command(directory.path())
            .args(["admin", "create", "ada", "--password-stdin"])
            .stdin(Stdio::piped())
            .spawn();
        let admin = admin.as_mut().expect("the server is built");
        writeln!(admin.stdin.take().expect("stdin is piped"), "{PASSWORD}").expect("the command reads the password");
        assert!(admin.wait().expect("the command exits").success());
        let (process, address) = serve(directory.path(), settings);
        Self { process, address, directory, settings: settings.to_vec() }
    }

    /// Restarts the server on the same directory, at another address, so that its memory is that of a server without
    /// sign-ins.
    pub fn restart(&mut self) {
        self.process.kill().expect("the server runs");
        self.process.wait().expect("the server exits");
        (self.process, self.address) = serve(self.directory.path(), &self.settings);
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The processor time that the server has used.
    pub fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).expect("Linux");
        let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |index: usize| fields[index].parse::<u32>().unwrap_or_default();
        TICK * (ticks(11) + ticks(12))
    }

    pub fn resident_mib(&self) -> u64 {
        self.memory_mib("VmRSS:")
    }

    /// The peak memory since the server started.
    pub fn peak_mib(&self) -> u64 {
        self.memory_mib("VmHWM:")
    }

    fn memory_mib(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() / 1_024
    }

    pub fn request(&self, document: &str, token: Option<&str>) -> Vec<u8> {
        let body = serde_json::json!({ "query": document }).to_string();
        let token = token.map_or_else(String::new, |token| format!("authorization: Bearer {token}\r\n"));
        format!(
            "POST /graphql HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n{token}content-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .into_bytes()
    }

    pub fn sign_in(&self, name: &str) -> Vec<u8> {
        let input = format!("{{ username: \"{name}\", password: \"{PASSWORD}\" }}");
        self.request(&format!("mutation {{ login(input: {input}) {{ accessToken }} }}"), None)
    }

    pub async fn register(&self, name: &str) -> String {
        self.authenticate("register", name).await
    }

    pub async fn login_admin(&self) -> String {
        self.authenticate("login", "ada").await
    }

    async fn authenticate(&self, mutation: &str, name: &str) -> String {
        let input = format!("{{ username: \"{name}\", password: \"{PASSWORD}\" }}");
        let request = self.request(&format!("mutation {{ {mutation}(input: {input}) {{ accessToken }} }}"), None);
        let mut stream = TcpStream::connect(self.address).await.expect("the server listens");
        stream.write_all(&request).await.expect("the server reads the request");
        let mut answer = Vec::new();
        while !answer.ends_with(b"}}}") {
            assert!(
                stream.read_buf(&mut answer).await.expect("the server answers") > 0,
                "the server closed the connection"
            );
        }
        let text = String::from_utf8_lossy(&answer).into_owned();
        text.split("\"accessToken\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect(&text).to_owned()
    }
}

fn command(directory: &Path) -> Command {
    #[expect(clippy::disallowed_methods, reason = "the variable is for measurements, not a setting")]
    let binary = std::env::var("FIELDGUARD_TEST_BINARY").ok();
    let mut command = Command::new(binary.as_deref().unwrap_or(env!("CARGO_BIN_EXE_fieldguard")));
    command.env("FIELDGUARD_DATA_DIR", directory);
    command.args(["--listen", "127.0.0.1:0"]);
    command
}

fn serve(directory: &Path, settings: &[String]) -> (Child, SocketAddr) {
    let log = std::fs::File::create(directory.join("log")).expect("the log is created");
    let mut process = command(directory);
    process.args(settings).arg("serve").stdout(Stdio::piped()).stderr(log);
    let mut process = process.spawn().expect("the server is built");
    let mut line = String::new();
    BufReader::new(process.stdout.take().expect("stdout is piped"))
        .read_line(&mut line)
        .expect("the server prints its address");
    let address =
        line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("the line contains the address");
    (process, address.parse().expect("the address is valid"))
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
