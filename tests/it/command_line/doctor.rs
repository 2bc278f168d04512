//! `doctor` on deployments that work and on those that don't.

use std::{fs, os::unix::fs::PermissionsExt as _};

use fieldguard_test_macros::on_each_database;
use rcgen::date_time_ymd;
use sea_orm::{ConnectionTrait as _, Database as Connection};
use serde_json::Value;

use super::program::{Program, RunningServer, each};
use crate::{actor::PASSWORD, tls::Files};

/// The exit code, and the status and message of each check.
struct Examined(Option<i32>, Vec<(String, String, String)>);

impl Examined {
    fn of(program: &Program, url: &str) -> Self {
        let ended = program.run(&["doctor", "--format", "json", "--url", url]);
        let findings: Vec<Value> = serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{ended:?}"));
        let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
        let all = findings.iter().map(|it| (text(it, "check"), text(it, "status"), text(it, "message")));
        Self(ended.code, all.collect())
    }

    fn of_server(program: &Program, server: &RunningServer) -> Self {
        Self::of(program, &server.url(""))
    }

    /// The checks with this status.
    fn with(&self, status: &str) -> Vec<&str> {
        self.1.iter().filter(|(_, found, _)| found == status).map(|(check, ..)| check.as_str()).collect()
    }

    #[track_caller]
    fn assert(&self, check: &str, status: &str, part: &str) {
        let found = self.1.iter().any(|(name, of, message)| name == check && of == status && message.contains(part));
        assert!(found, "{check} {status} {part}: {:#?}", self.1);
        assert_eq!(self.0, Some(i32::from(!self.with("problem").is_empty())), "{:#?}", self.1);
    }
}

fn with_administrator(program: &Program) {
    program.run_with(&["admin", "create", "ada", "--password-stdin"], &format!("{PASSWORD}\n")).ok();
}

#[on_each_database]
async fn working_deployment_has_no_finding() {
    each(async |program| {
        let server = program.serve();
        Examined::of_server(&program, &server).assert("administrators", "warning", "fieldguard admin create");
        with_administrator(&program);
        let found = Examined::of_server(&program, &server);
        assert_eq!(found.0, Some(0), "{:#?}", found.1);
        // What a machine may lack, such as free space, is not among these.
        for check in [
            "files",
            "database",
            "migrations",
            "clock",
            "administrators",
            "signing key",
            "proxies",
            "server",
            "discovery",
        ] {
            assert!(found.with("ok").contains(&check), "{check}: {:#?}", found.1);
        }
        let table = program.run(&["doctor", "--url", &server.url("/")]).ok();
        assert!(table.lines().count() == found.1.len() && table.contains("  server  "), "{table}");
    })
    .await;
}

#[on_each_database]
async fn database_that_is_missing_or_old_is_named() {
    each(async |program| {
        let url = "http://127.0.0.1:1";
        Examined::of(&program, url).assert("database", "problem", "fieldguard migrate");
        assert!(!program.directory().join("data").exists());
        program.run(&["migrate"]).ok();
        let sql = "DELETE FROM seaql_migrations WHERE version = 'm20261130_000001_personal_access_tokens'";
        let database = Connection::connect(program.database_url()).await.unwrap();
        database.execute_unprepared(sql).await.unwrap();
        Examined::of(&program, url).assert("migrations", "warning", "m20261130_000001_personal_access_tokens");
        let newer = "INSERT INTO seaql_migrations VALUES ('m29990101_000001_x', 0)";
        database.execute_unprepared(newer).await.unwrap();
        Examined::of(&program, url).assert("migrations", "problem", "newer version");
    })
    .await;
}

#[test]
fn unreachable_database_and_server_are_named_without_secrets() {
    let program = Program::new().set("FIELDGUARD_DATABASE_URL", "postgres://ann:hunter2@127.0.0.1:1/fieldguard");
    let found = Examined::of(&program, "http://127.0.0.1:1");
    found.assert("database", "problem", "`fieldguard`");
    found.assert("server", "problem", "connection refused; start the server");
    assert!(found.1.iter().all(|(.., message)| !message.contains("hunter2")));
}

#[on_each_database]
async fn server_on_another_database_is_found() {
    each(async |program| {
        let own = program.serve();
        let other = Program::new().set("FIELDGUARD_TOKEN_ISSUER", "https://other.example.org").serve();
        Examined::of_server(&program, &other).assert("discovery", "problem", "https://other.example.org");
        Examined::of_server(&program, &own).assert("discovery", "ok", "public keys: 1");
    })
    .await;
}

#[test]
fn exposed_and_lost_keys_are_found() {
    let program = Program::new();
    let server = program.serve();
    let key = program.directory().join("data/signing-key.pem");
    let named = program.replica().set("FIELDGUARD_TOKEN_KEY_FILE", key.to_str().unwrap());
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    Examined::of_server(&named, &server).assert("files", "warning", "chmod 600");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o666)).unwrap();
    Examined::of_server(&named, &server).assert("files", "problem", "chmod 600");
    fs::remove_file(&key).unwrap();
    Examined::of_server(&program, &server).assert("signing key", "problem", "private half");
    Examined::of_server(&named, &server).assert("signing key", "problem", "`token.key_file`");
}

#[test]
fn server_with_tls_is_asked_over_tls() {
    let files = Files::new();
    let program = files.set(Program::new());
    let server = program.serve();
    let url = format!("https://{}", server.address);
    Examined::of(&program, &url).assert("server", "problem", "SSL_CERT_FILE");
    let trusting = program.replica().set("SSL_CERT_FILE", files.certificate().to_str().unwrap());
    let found = Examined::of(&trusting, &url);
    found.assert("server", "ok", &url);
    found.assert("discovery", "ok", "https://");
    found.assert("certificate", "ok", "valid until");
}

#[test]
fn expired_certificate_is_a_problem_and_proxies_must_be_trusted() {
    let files = Files::with(|params| params.not_after = date_time_ymd(2001, 2, 3));
    let url = "http://127.0.0.1:1";
    Examined::of(&files.set(Program::new()), url).assert("certificate", "problem", "expired on 2001-02-03");
    let behind = Program::new().set("FIELDGUARD_PUBLIC_URL", "https://id.example.org");
    Examined::of(&behind, url).assert("proxies", "warning", "`trusted_proxies`");
    let trusting = behind.set("FIELDGUARD_TRUSTED_PROXIES", "10.0.0.0/8");
    Examined::of(&trusting, url).assert("proxies", "ok", "1 trusted, by x-forwarded-for");
}
