//! The addresses that the server accepts connections on: names, lists, Unix sockets, `PORT`, and sockets of systemd.
#![cfg(unix)]

use std::{
    io::{BufRead as _, BufReader},
    net::{TcpListener, TcpStream},
    os::{
        fd::OwnedFd,
        unix::net::{UnixDatagram, UnixStream},
    },
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use super::program::Program;

const ASK: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

/// A server, killed on drop, with its first line.
struct Server(Child, String);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    fn start(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::inherit()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        Self(child, first)
    }

    fn stop(mut self) {
        assert!(Command::new("kill").arg(self.0.id().to_string()).status().unwrap().success());
        assert!(self.0.wait().unwrap().success());
    }
}

fn is_served(mut stream: impl std::io::Read + std::io::Write) -> bool {
    let mut answer = String::new();
    stream.write_all(ASK).unwrap();
    stream.read_to_string(&mut answer).unwrap();
    answer.starts_with("HTTP/1.1 200 OK\r\n")
}

fn is_served_on_unix(path: &Path) -> bool {
    is_served(UnixStream::connect(path).unwrap())
}

#[test]
fn several_addresses_are_served() {
    let program = Program::new().set("FIELDGUARD_LISTEN", "localhost:0,unix:server.sock,127.0.0.1:0");
    let server = Server::start(program.command(&["serve"]));
    let socket = program.directory().join("server.sock");
    assert!(is_served_on_unix(&socket));
    let places: Vec<_> = server.1.split("http://").skip(1).filter_map(|rest| rest.split('/').next()).collect();
    assert!(places.len() >= 2 && server.1.contains("unix:server.sock"), "{}", server.1);
    for place in places {
        assert!(is_served(TcpStream::connect(place).unwrap()), "{place}");
    }
    server.stop();
    assert!(!socket.exists());
}

#[test]
fn unix_socket_of_a_killed_server_is_replaced_and_one_in_use_is_not() {
    let program = Program::new().set("FIELDGUARD_LISTEN", "unix:server.sock");
    let socket = program.directory().join("server.sock");
    drop(Server::start(program.command(&["serve"])));
    assert!(socket.exists());
    let _server = Server::start(program.command(&["serve"]));
    assert!(is_served_on_unix(&socket));
    let other = Program::new().set("FIELDGUARD_LISTEN", &format!("unix:{}", socket.display())).run(&["serve"]);
    assert!(other.code == Some(1) && other.err.contains("cannot listen on unix:"), "{other:?}");
    assert!(is_served_on_unix(&socket));
}

/// The head and the body of the answer to a request for this path.
fn asked(mut stream: impl std::io::Read + std::io::Write, path: &str) -> String {
    let mut answer = String::new();
    stream
        .write_all(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").as_bytes())
        .unwrap();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn metrics_are_served_on_addresses_of_their_own_and_nowhere_else() {
    let program = Program::new().set("FIELDGUARD_METRICS_LISTEN", "127.0.0.1:0,unix:metrics.sock");
    let server = program.serve();
    let address = loop {
        let log = server.log();
        if let Some(rest) = log.lines().find_map(|line| line.split("serving metrics address=127.").nth(1)) {
            break format!("127.{rest}");
        }
        std::thread::yield_now();
    };
    let tcp = || TcpStream::connect(&address).unwrap();
    let unix = || UnixStream::connect(program.directory().join("metrics.sock")).unwrap();
    let main = || TcpStream::connect(&server.address).unwrap();
    for page in [asked(tcp(), "/metrics"), asked(unix(), "/metrics")] {
        assert!(page.starts_with("HTTP/1.1 200 OK\r\n") && page.contains("fieldguard_sessions 0"), "{page}");
    }
    assert!(asked(main(), "/healthz").starts_with("HTTP/1.1 200 "));
    for refused in [asked(main(), "/metrics"), asked(tcp(), "/healthz"), asked(unix(), "/graphql"), asked(tcp(), "/")] {
        assert!(refused.starts_with("HTTP/1.1 404 "), "{refused}");
    }
    let both = program.replica().set("FIELDGUARD_METRICS", "true").run(&["config", "check"]);
    assert!(both.code == Some(2) && both.err.contains("`metrics`"), "{both:?}");
    let taken =
        Program::new().set("FIELDGUARD_METRICS_LISTEN", &server.address).set("FIELDGUARD_LISTEN", "127.0.0.1:0");
    let taken = taken.run(&["serve"]);
    assert!(taken.code == Some(1) && taken.err.contains("cannot listen on"), "{taken:?}");
}

#[test]
fn port_of_the_platform_is_served_on_every_address() {
    let program = Program::new().set("PORT", "0").set("FIELDGUARD_PUBLIC_URL", "https://id.example.org");
    let server = Server::start(program.command(&["serve"]));
    let port = server.1.split("http://0.0.0.0:").nth(1).and_then(|rest| rest.split('/').next()).unwrap();
    assert!(is_served(TcpStream::connect(format!("127.0.0.1:{port}")).unwrap()));
}

/// The command that passes the sockets on its standard input and output on, as systemd does.
fn activated(program: &Program, socket: OwnedFd) -> Command {
    let inner = program.command(&["serve"]);
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\" 3<&0 0</dev/null", "sh"]);
    command.arg(inner.get_program()).args(inner.get_args()).current_dir(program.directory()).env_clear();
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.stdin(Stdio::from(socket)).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn sockets_of_systemd_are_served_instead_of_the_configured_ones() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let program = Program::new().set("FIELDGUARD_LISTEN", "127.0.0.1:1");
    let server = Server::start(activated(&program, socket.into()));
    assert!(server.1.contains(&format!("http://{address}/graphql")), "{}", server.1);
    assert!(is_served(TcpStream::connect(address).unwrap()));
    server.stop();

    let path = program.directory().join("systemd.sock");
    let socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let server = Server::start(activated(&program, socket.into()));
    assert!(is_served_on_unix(&path));
    server.stop();
    assert!(path.exists(), "systemd keeps its socket");
}

#[test]
fn socket_of_systemd_that_other_machines_reach_needs_a_public_url() {
    let socket = TcpListener::bind("0.0.0.0:0").unwrap();
    let ended = activated(&Program::new(), socket.into()).output().unwrap();
    let log = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.code() == Some(2) && log.contains("`listen` (LISTEN_FDS)"), "{log}");
}

#[test]
fn systemd_is_told_when_the_server_is_ready_and_when_it_stops() {
    let program = Program::new();
    let path = program.directory().join("notify");
    let supervisor = UnixDatagram::bind(&path).unwrap();
    supervisor.set_read_timeout(Some(Duration::from_mins(2))).unwrap();
    let told = || {
        let mut text = [0; 64];
        let length = supervisor.recv(&mut text).unwrap();
        String::from_utf8(text[..length].to_vec()).unwrap()
    };
    let program = program.set("NOTIFY_SOCKET", path.to_str().unwrap());
    let server = program.serve();
    assert_eq!(told(), "READY=1\n");
    drop(server.whole_log());
    assert_eq!(told(), "STOPPING=1\n");
}
