//! Invalid settings stop the start with a message that names them. Secrets are never repeated.

use super::program::Program;

const SECRET: &str = "hunter2-hunter2";

#[test]
fn invalid_setting_is_reported_with_its_key_and_source() {
    for (variable, value, key) in [
        ("FIELDGUARD_LISTENN", "127.0.0.1:0", "FIELDGUARD_LISTEN"),
        ("FIELDGUARD_LISTEN", "localhost", "listen"),
        ("FIELDGUARD_LISTEN", "127.0.0.1:99999", "listen"),
        ("FIELDGUARD_INTROSPECTION", "yes", "introspection"),
        ("FIELDGUARD_LOG_LEVEL", "7x", "log.level"),
        ("FIELDGUARD_TOKEN_LIFETIME", "1d", "token.lifetime"),
        ("FIELDGUARD_TOKEN_ALGORITHM", "none", "token.algorithm"),
        ("FIELDGUARD_LIMITS_DEPTH", "-1", "limits.depth"),
        ("FIELDGUARD_HASH_MEMORY_KIB", "8", "hash.memory_kib"),
        ("FIELDGUARD_PASSWORD_MIN_CHARACTERS", "1", "password.min_characters"),
        ("FIELDGUARD_DATABASE_URL", "mysql://root:hunter2-hunter2@db/x", "database_url"),
        ("FIELDGUARD_ADMIN_PASSWORD", SECRET, "admin.password"),
        ("FIELDGUARD_TOKEN_SECRET", SECRET, "token.secret"),
    ] {
        for command in [&["serve"][..], &["config", "check"], &["config", "show"], &["migrate"]] {
            let ended = Program::new().set(variable, value).run(command);
            assert_eq!(ended.code, Some(2), "{variable} {command:?} {ended:?}");
            assert!(ended.err.contains(key) && ended.err.contains(variable), "{ended:?}");
            assert!(!ended.all().contains("hunter2"), "{ended:?}");
        }
    }
}

#[test]
fn every_invalid_setting_of_a_file_is_reported() {
    let program = Program::new();
    let file = "listen = 5\nbogus = 1\n[token]\nalgorithm = 'HS256'\nsecret = 12345678\n[limits]\ndepth = 'deep'\n";
    std::fs::write(program.directory().join("fieldguard.toml"), file).unwrap();
    let ended = program.run(&["config", "check"]);
    assert_eq!(ended.code, Some(2));
    for place in
        ["`listen` (fieldguard.toml line 1)", "`bogus` (fieldguard.toml line 2)", "`token.secret`", "`limits.depth`"]
    {
        assert!(ended.err.contains(place), "{place}: {ended:?}");
    }
    assert!(!ended.all().contains("12345678"), "{ended:?}");
    assert_eq!(Program::new().run(&["config", "check", "--config", "absent.toml"]).code, Some(2));
}

#[test]
fn weak_secrets_are_refused_without_repeating_them() {
    for weak in ["short-secret", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""] {
        let program = Program::new().set("FIELDGUARD_TOKEN_ALGORITHM", "HS256").set("FIELDGUARD_TOKEN_SECRET", weak);
        let ended = program.run(&["serve"]);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.err.contains("token.secret"), "{ended:?}");
        assert!(weak.is_empty() || !ended.all().contains(weak), "{ended:?}");
    }
}

#[test]
fn config_show_prints_the_settings_without_secrets() {
    let secret = "Zm9yIHRlc3RzIG9ubHksIGFuZCBsb25nIGVub3VnaCBmb3IgSFMyNTY=";
    let program = Program::new()
        .set("FIELDGUARD_TOKEN_ALGORITHM", "HS256")
        .set("FIELDGUARD_TOKEN_SECRET", secret)
        .set("FIELDGUARD_DATABASE_URL", "postgres://fieldguard:hunter2@db.example.org/fieldguard")
        .set("FIELDGUARD_ADMIN_USERNAME", "ada")
        .set("FIELDGUARD_ADMIN_PASSWORD", "correct horse battery");
    let checked = "The configuration is valid.\n\
                   Users can't enroll a second factor: PostgreSQL needs the setting `encryption.key`.\n";
    assert_eq!(program.run(&["config", "check"]).ok(), checked);
    let shown = program.run(&["config", "show", "--limits-depth", "9"]);
    for hidden in [secret, "hunter2", "correct horse battery"] {
        assert!(!shown.all().contains(hidden), "{hidden}");
    }
    let shown = shown.ok();
    assert!(
        shown.contains("depth = 9 # ") && shown.contains("algorithm = \"HS256\" # FIELDGUARD_TOKEN_ALGORITHM"),
        "{shown}"
    );
    assert!(!program.directory().join("data").exists(), "showing the configuration creates nothing");
}

#[test]
fn database_errors_are_reported_in_one_sentence() {
    let unreachable = Program::new().set("FIELDGUARD_DATABASE_URL", "postgres://ann:hunter2@127.0.0.1:1/fieldguard");
    let no_directory = Program::new().set("FIELDGUARD_DATA_DIR", "file/data");
    std::fs::write(no_directory.directory().join("file"), "").unwrap();
    for program in [unreachable, no_directory] {
        let ended = program.run(&["serve"]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.err.starts_with("fieldguard: cannot open "), "{ended:?}");
        assert!(!ended.all().contains("hunter2") && !ended.all().contains("panicked"), "{ended:?}");
        assert_eq!(ended.out, "");
    }
}

#[test]
fn listen_error_is_reported_with_the_address() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = Program::new().run(&["serve", "--listen", &address]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    assert!(ended.err.contains(&format!("cannot listen on {address}")), "{ended:?}");
}
