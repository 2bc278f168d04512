//! `config check` finds what a start would find, and `--online` looks at the database.

use std::fs;

use fieldguard::auth::keys::generate_es256;
use fieldguard_test_macros::on_each_database;
use rcgen::{KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256};
use sea_orm::{ConnectionTrait as _, Database as Connection};

use super::program::{Program, each};

#[test]
fn each_unusable_key_is_named_with_what_to_do() {
    let plain = generate_es256().to_string();
    let labeled = |label: &str| plain.replace("PRIVATE KEY", label);
    let p384 = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap().serialize_pem();
    let rsa = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap().serialize_pem();
    let convert = "`openssl pkcs8 -topk8 -nocrypt -in token.pem -out NEW`";
    for (pem, what, remedy) in [
        (labeled("EC PRIVATE KEY"), "it is in the form SEC1", convert),
        (labeled("ENCRYPTED PRIVATE KEY"), "it is encrypted", convert),
        (labeled("PUBLIC KEY"), "it is a public key", "name the file with its private key"),
        (
            p384,
            "it is a key of the curve P-384",
            "`openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out NEW`",
        ),
        (rsa, "it is an RSA key", "`token.algorithm = \"RS256\"`"),
        ("nonsense".to_owned(), "it has no PEM", "`openssl genpkey"),
    ] {
        let program = Program::new().set("FIELDGUARD_TOKEN_KEY_FILE", "token.pem");
        let file = program.directory().join("token.pem");
        fs::write(&file, &pem).unwrap();
        fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let error = program.refused();
        assert!(error.contains("`token.key_file`") && error.contains("token.pem"), "{error}");
        assert!(error.contains(what) && error.contains(remedy), "{error}");
        assert!(pem.lines().nth(1).is_none_or(|secret| !error.contains(secret)), "{error}");
    }
}

#[test]
fn all_unusable_files_are_reported_at_once() {
    let program = Program::new()
        .set("FIELDGUARD_TOKEN_KEY_FILE", "token.pem")
        .set("FIELDGUARD_TLS_CERTIFICATE", "tls.pem")
        .set("FIELDGUARD_TLS_KEY", "tls.key");
    let error = program.refused();
    assert!(error.contains("`token.key_file`") && error.contains("`tls.certificate`"), "{error}");
}

async fn execute(program: &Program, sql: &str) {
    Connection::connect(program.database_url()).await.unwrap().execute_unprepared(sql).await.unwrap();
}

#[on_each_database]
async fn online_check_describes_the_database_and_changes_nothing() {
    each(async |program| {
        let check = || program.run(&["config", "check", "--online"]);
        let found = check().ok();
        assert!(found.contains("There is no database yet."), "{found}");
        assert!(!program.directory().join("data").exists());
        program.run(&["migrate"]).ok();
        let found = check().ok();
        assert!(found.contains("Its schema is current."), "{found}");
        let kind = if program.database_url().starts_with("postgres") { "encoding UTF8" } else { "SQLite 3." };
        assert!(found.contains(kind), "{found}");

        let last = "m20261130_000001_personal_access_tokens";
        execute(&program, &format!("DELETE FROM seaql_migrations WHERE version = '{last}'")).await;
        for _ in 0..2 {
            let found = check().ok();
            assert!(found.contains(&format!("applies these migrations: {last}.")), "{found}");
        }
        execute(&program, "INSERT INTO seaql_migrations VALUES ('m29990101_000001_x', 0)").await;
        let newer = check();
        assert!(newer.code == Some(1) && newer.err.contains("newer version of Fieldguard"), "{newer:?}");
    })
    .await;
}

#[test]
fn online_check_of_an_unreachable_database_fails_with_its_name() {
    let program = Program::new().set("FIELDGUARD_DATABASE_URL", "postgres://ann:hunter2@127.0.0.1:1/fieldguard");
    program.run(&["config", "check"]).ok();
    let ended = program.run(&["config", "check", "--online"]);
    assert!(ended.code == Some(1) && ended.err.contains("`fieldguard`"), "{ended:?}");
    assert!(!ended.all().contains("hunter2"), "{ended:?}");
}
