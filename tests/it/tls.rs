//! TLS without a proxy: what clients of either version see, and how the certificate is read again.

use std::{
    fs,
    io::{Read as _, Write as _},
    os::unix::{fs::PermissionsExt as _, net::UnixStream},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use fieldguard::config::{ClientAddress, Config};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use reqwest::{Certificate, Client};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore, SupportedProtocolVersion,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject as _},
        version::{TLS12, TLS13},
    },
};

use crate::{actor::PASSWORD, app::Server, command_line::program::Program};

const BOUND: Duration = Duration::from_mins(2);
const ASK: &str = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// A certificate for the loopback address and its key, in files.
pub struct Files {
    directory: tempfile::TempDir,
    /// The certificate in PEM.
    pem: String,
}

impl Files {
    /// A certificate that clients accept if they trust it.
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// A certificate that is changed before it is signed.
    pub fn with(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
        change(&mut params);
        let files = Self { directory, pem: params.self_signed(&key).unwrap().pem() };
        fs::write(files.certificate(), &files.pem).unwrap();
        fs::write(files.key(), key.serialize_pem()).unwrap();
        fs::set_permissions(files.key(), fs::Permissions::from_mode(0o600)).unwrap();
        files
    }

    /// The file of the certificate.
    pub fn certificate(&self) -> PathBuf {
        self.directory.path().join("fullchain.pem")
    }

    fn key(&self) -> PathBuf {
        self.directory.path().join("privkey.pem")
    }

    /// Replaces the files by those of `other`, one after the other, as tools do.
    fn become_those_of(&self, other: &Self) {
        for (from, to) in [(other.certificate(), self.certificate()), (other.key(), self.key())] {
            let draft = self.directory.path().join("draft");
            fs::copy(from, &draft).unwrap();
            fs::rename(draft, to).unwrap();
        }
    }

    /// The program with the settings that name these files.
    pub fn set(&self, program: Program) -> Program {
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        program
            .set("FIELDGUARD_TLS_CERTIFICATE", &text(self.certificate()))
            .set("FIELDGUARD_TLS_KEY", &text(self.key()))
    }

    /// Whether a client that trusts only this certificate gets an answer.
    async fn is_served_at(&self, address: &str) -> bool {
        let trusted = Certificate::from_pem(self.pem.as_bytes()).unwrap();
        let client = Client::builder().tls_certs_only([trusted]).build().unwrap();
        client.get(format!("https://{address}/healthz")).send().await.is_ok_and(|answer| answer.status() == 200)
    }

    async fn until_served_at(&self, address: &str) {
        let served = async {
            while !self.is_served_at(address).await {
                tokio::task::yield_now().await;
            }
        };
        timeout(BOUND, served).await.expect("the new certificate is used");
    }
}

/// A server that speaks TLS.
pub async fn server(change: impl FnOnce(&mut Config)) -> (Server, Files) {
    let files = Files::new();
    let server = Server::with(|config| {
        config.tls.certificate = Some(files.certificate());
        config.tls.key = Some(files.key());
        change(config);
    })
    .await;
    (server, files)
}

async fn connect(server: &Server, files: &Files, version: &'static SupportedProtocolVersion) -> TlsStream<TcpStream> {
    secured(TcpStream::connect(server.address).await.unwrap(), files, version).await
}

/// The connection after the handshake.
async fn secured(socket: TcpStream, files: &Files, version: &'static SupportedProtocolVersion) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(files.pem.as_bytes()).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into());
    let builder = builder.with_protocol_versions(&[version]).unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, socket).await.unwrap()
}

/// Reads until `count` answers of `/healthz` have arrived.
async fn answers(stream: &mut TlsStream<TcpStream>, count: usize) {
    let mut text = String::new();
    let reading = async {
        while text.matches("alive\n").count() < count {
            let mut part = [0; 1024];
            let length = stream.read(&mut part).await.unwrap();
            assert!(length > 0, "{text}");
            text += std::str::from_utf8(&part[..length]).unwrap();
        }
    };
    timeout(BOUND, reading).await.unwrap();
}

#[tokio::test]
async fn requests_follow_each_other_on_a_connection_of_either_version() {
    let (server, files) = server(|_| {}).await;
    for version in [&TLS12, &TLS13] {
        let mut stream = connect(&server, &files, version).await;
        assert_eq!(stream.get_ref().1.protocol_version(), Some(version.version));
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
        for _ in 0..2 {
            stream.write_all(ASK.as_bytes()).await.unwrap();
            answers(&mut stream, 1).await;
        }
        stream.write_all(ASK.repeat(2).as_bytes()).await.unwrap();
        answers(&mut stream, 2).await;
    }
}

/// The request is there when the server stops, although no event has told it.
#[tokio::test]
async fn request_that_has_arrived_is_answered_when_the_server_stops() {
    let (server, files) = server(|_| {}).await;
    let mut stream = connect(&server, &files, &TLS13).await;
    stream.write_all(ASK.as_bytes()).await.unwrap();
    answers(&mut stream, 1).await;
    stream.write_all(ASK.as_bytes()).await.unwrap();
    server.stop().await;
    answers(&mut stream, 1).await;
}

#[tokio::test]
async fn addresses_and_cookies_are_those_of_tls() {
    let (server, _files) = server(|_| {}).await;
    let client = crate::actor::client();
    let page = client.get(server.url("/.well-known/openid-configuration")).send().await.unwrap();
    let page: serde_json::Value = page.json().await.unwrap();
    assert_eq!(page["jwks_uri"], "https://127.0.0.1:4000/.well-known/jwks.json");
    assert_eq!(page["issuer"], "https://127.0.0.1:4000");
    let document = format!(
        "mutation {{ register(input: {{ username: \"bob\", password: \"{PASSWORD}\", delivery: COOKIE }}) {{ user {{ id }} }} }}"
    );
    let body = serde_json::json!({ "query": document });
    let origin = format!("https://{}", server.address);
    let answer = server.anonymous().request(|request| request.header("origin", origin).json(&body)).await.ok();
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Secure-fieldguard-refresh="), "{cookie}");
}

#[tokio::test]
async fn plain_http_is_refused_with_the_reason() {
    let (server, _files) = server(|_| {}).await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket.write_all(ASK.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(BOUND, socket.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("HTTPS only"), "{answer}");
}

/// As from a load balancer that passes TLS on.
#[tokio::test]
async fn proxy_names_the_client_before_the_handshake() {
    let (server, files) = server(|config| {
        config.trusted_proxies = "127.0.0.1".parse().unwrap();
        config.client_address = ClientAddress::ProxyProtocol;
    })
    .await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket.write_all(b"PROXY TCP4 203.0.113.7 10.0.0.1 51245 443\r\n").await.unwrap();
    let mut stream = secured(socket, &files, &TLS13).await;
    let document = format!(
        "mutation {{ register(input: {{ username: \"bob\", password: \"{PASSWORD}\" }}) {{ session {{ ipAddress }} }} }}"
    );
    let body = serde_json::json!({ "query": document }).to_string();
    let head = "POST /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n";
    stream.write_all(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(BOUND, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.contains("\"ipAddress\":\"203.0.113.7\""), "{answer}");
}

/// A client that begins a handshake and does not go on.
async fn hesitate(server: &Server) -> TcpStream {
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket.write_all(&[22, 3, 1]).await.unwrap();
    socket
}

#[tokio::test]
async fn slow_handshake_ends_with_the_time_limit_for_a_head() {
    let (server, _files) = server(|config| config.limits.header_timeout = Duration::from_millis(100)).await;
    let silent = TcpStream::connect(server.address).await.unwrap();
    for mut socket in [silent, hesitate(&server).await] {
        assert_eq!(timeout(BOUND, socket.read(&mut [0])).await.unwrap().unwrap_or(0), 0);
    }
}

#[tokio::test]
async fn slow_handshake_makes_room_for_another_client() {
    let (server, files) = server(|config| config.limits.connections = 1).await;
    let mut slow = hesitate(&server).await;
    let mut stream = timeout(BOUND, connect(&server, &files, &TLS13)).await.unwrap();
    stream.write_all(ASK.as_bytes()).await.unwrap();
    answers(&mut stream, 1).await;
    assert_eq!(timeout(BOUND, slow.read(&mut [0])).await.unwrap().unwrap_or(0), 0);
}

#[tokio::test]
async fn unfinished_handshake_does_not_delay_a_stop() {
    let (server, _files) = server(|_| {}).await;
    let _slow = hesitate(&server).await;
    let _silent = TcpStream::connect(server.address).await.unwrap();
    tokio::task::yield_now().await;
    timeout(Duration::from_secs(30), server.stop()).await.expect("the time limit for a head is longer");
}

#[tokio::test]
async fn replaced_certificate_is_served_without_a_restart() {
    let files = Files::new();
    let server = files.set(Program::new()).serve();
    assert!(server.first.contains("https://127.0.0.1:"), "{}", server.first);
    assert!(files.is_served_at(&server.address).await);

    let second = Files::new();
    files.become_those_of(&second);
    second.until_served_at(&server.address).await;
    assert!(!files.is_served_at(&server.address).await);

    fs::write(files.certificate(), "nonsense").unwrap();
    let error = async {
        while !server.log().contains("cannot load the TLS certificate") {
            tokio::task::yield_now().await;
        }
    };
    timeout(BOUND, error).await.unwrap();
    assert!(
        server.log().contains("`tls.certificate`") && server.log().contains("has no certificate"),
        "{}",
        server.log()
    );
    assert!(second.is_served_at(&server.address).await, "the former certificate stays");

    let third = Files::new();
    files.become_those_of(&third);
    assert!(Command::new("kill").args(["-HUP", &server.id().to_string()]).status().unwrap().success());
    third.until_served_at(&server.address).await;
}

/// Makes the files unusable.
type Spoil<'a> = &'a dyn Fn(&Files);

#[test]
fn each_mistake_stops_the_start_and_is_named() {
    let encrypt = |files: &Files| {
        let key = fs::read_to_string(files.key()).unwrap().replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        fs::write(files.key(), key).unwrap();
    };
    let mistakes: [(Spoil<'_>, &str, &str); 7] = [
        (&|files| fs::remove_file(files.certificate()).unwrap(), "tls.certificate", "no such file"),
        (&|files| fs::write(files.certificate(), "\u{0}\u{1}").unwrap(), "tls.certificate", "has no certificate"),
        (&|files| fs::remove_file(files.key()).unwrap(), "tls.key", "no such file"),
        (&|files| fs::write(files.key(), "").unwrap(), "tls.key", "has no private key"),
        (&encrypt, "tls.key", "has an encrypted private key"),
        (&|files| fs::rename(Files::new().key(), files.key()).unwrap(), "tls.key", "of another certificate"),
        (&|files| fs::set_permissions(files.key(), fs::Permissions::from_mode(0o660)).unwrap(), "", "chmod 600"),
    ];
    for (spoil, setting, reason) in mistakes {
        let files = Files::new();
        spoil(&files);
        let error = files.set(Program::new()).refused();
        let path = if setting == "tls.certificate" { files.certificate() } else { files.key() };
        assert!(error.contains(setting) && error.to_lowercase().contains(reason), "{error}");
        assert!(error.contains(path.to_str().unwrap()), "{error}");
    }
}

#[test]
fn unix_socket_beside_a_port_with_tls_has_none() {
    let files = Files::new();
    let program = files.set(Program::new());
    let running = program.serve_on("127.0.0.1:0,unix:server.sock");
    let mut socket = UnixStream::connect(program.directory().join("server.sock")).unwrap();
    socket.write_all(ASK.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("alive\n") && running.first.contains("https://127.0.0.1:"), "{answer}");
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let files = Files::new();
    let (certificate, key) = (files.certificate(), files.key());
    let of = |name: &str, path: &Path| Program::new().set(name, path.to_str().unwrap());
    assert!(of("FIELDGUARD_TLS_CERTIFICATE", &certificate).refused().contains("needs `tls.key`"));
    assert!(of("FIELDGUARD_TLS_KEY", &key).refused().contains("needs `tls.certificate`"));
    let plain = files.set(Program::new()).set("FIELDGUARD_PUBLIC_URL", "http://id.example.org");
    assert!(plain.refused().contains("must begin with `https://`"));
    let unix = files.set(Program::new()).set("FIELDGUARD_LISTEN", "unix:server.sock");
    assert!(unix.refused().contains("a Unix socket has no TLS"));
    let nameless = files.set(Program::new()).set("FIELDGUARD_LISTEN", "0.0.0.0:0");
    assert!(nameless.refused().contains("`public_url = \"https://id.example.org\"`"));
    let config = nameless.set("FIELDGUARD_PUBLIC_URL", "https://localhost").run(&["config", "show"]).ok();
    assert!(config.contains("[tls]\ncertificate = "), "{config}");
}

#[test]
fn certificate_that_clients_refuse_is_logged() {
    for (year, host, expected) in [
        (2001, "https://localhost", Some("expired on 2001-02-03; clients refuse it")),
        (2901, "https://id.example.org", Some("is not for id.example.org, the host of `public_url`")),
        (2901, "https://localhost:8443/auth", None),
    ] {
        let files = Files::with(|params| params.not_after = date_time_ymd(year, 2, 3));
        let program = files.set(Program::new()).set("FIELDGUARD_PUBLIC_URL", host);
        let checked = program.run(&["config", "check"]);
        assert_eq!(checked.code, Some(0), "{checked:?}");
        match expected {
            Some(expected) => {
                assert!(checked.err.contains(expected), "{checked:?}");
                assert!(program.serve().log().contains(expected), "{expected}");
            }
            None => assert_eq!(checked.err, ""),
        }
    }
}
