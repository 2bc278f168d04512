//! Permissions of files and directories with secrets, and secrets in files of their own.
#![cfg(unix)]

use std::{
    fs,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::Path,
};

use fieldguard_test_macros::needs;

use super::program::Program;

const SECRET: &str = "Zm9yIHRlc3RzIG9ubHksIGFuZCBsb25nIGVub3VnaCBmb3IgSFMyNTY=";

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[track_caller]
fn assert_refused(program: &Program, path: &str, right: &str) {
    for command in [&["config", "check"][..], &["migrate"], &["serve"]] {
        let ended = program.run(command);
        assert_eq!(ended.code, Some(2), "{path} {ended:?}");
        assert!(ended.err.contains(path) && ended.err.contains(&format!("chmod {right} ")), "{ended:?}");
    }
}

#[test]
fn writable_secret_stops_the_start_and_readable_secret_is_logged() {
    let hs256 = Program::new().set("FIELDGUARD_TOKEN_ALGORITHM", "HS256");
    let configured = Program::new();
    let file = configured.directory().join("fieldguard.toml");
    fs::write(&file, format!("token = {{ algorithm = 'HS256', secret = '{SECRET}' }}\n")).unwrap();
    let secret = hs256.directory().join("secret");
    fs::write(&secret, format!("{SECRET}\n")).unwrap();
    let named = hs256.set("FIELDGUARD_TOKEN_SECRET_FILE", secret.to_str().unwrap());
    for (program, path, name) in [(&configured, &file, "fieldguard.toml"), (&named, &secret, "secret")] {
        for mode in [0o660, 0o602] {
            chmod(path, mode);
            assert_refused(program, name, "600");
        }
        chmod(path, 0o644);
        let ended = program.run(&["config", "check"]);
        assert!(ended.err.contains("chmod 600") && ended.err.contains(name), "{ended:?}");
        assert!(!ended.all().contains(SECRET), "{ended:?}");
        ended.ok();
        chmod(path, 0o600);
        assert_eq!(program.run(&["config", "check"]).err, "");
    }
}

#[test]
fn configuration_without_secrets_can_have_any_permissions() {
    let program = Program::new();
    let file = program.directory().join("fieldguard.toml");
    fs::write(&file, "session.limit = 3\n").unwrap();
    chmod(&file, 0o666);
    assert_eq!(program.run(&["config", "check"]).err, "");
}

#[test]
fn writable_key_directory_stops_the_start() {
    let program = Program::migrated();
    let data = program.directory().join("data");
    for mode in [0o770, 0o707, 0o1777] {
        chmod(&data, mode);
        assert_refused(&program, "data", "700");
    }
    chmod(&data, 0o700);
    fs::create_dir_all(data.join("keys")).unwrap();
    chmod(&data.join("keys"), 0o720);
    assert_refused(&program, "data/keys", "700");
    chmod(&data.join("keys"), 0o755);
    let ended = program.run(&["config", "check"]);
    assert!(ended.err.contains("chmod 700"), "{ended:?}");
    chmod(&data.join("keys"), 0o700);
    program.serve();
}

#[test]
fn writable_or_replaceable_key_file_stops_the_start() {
    let program = Program::new();
    let directory = program.directory().join("keys.d");
    fs::create_dir(&directory).unwrap();
    let file = directory.join("token.pem");
    fs::write(&file, fieldguard::auth::keys::generate_es256().as_bytes()).unwrap();
    let program = program.set("FIELDGUARD_TOKEN_KEY_FILE", file.to_str().unwrap());
    chmod(&file, 0o660);
    assert_refused(&program, "token.pem", "600");
    chmod(&file, 0o640);
    chmod(&directory, 0o775);
    assert_refused(&program, "keys.d", "go-w");
    chmod(&directory, 0o755);
    let server = program.serve();
    assert!(server.log().contains("chmod 600"), "{}", server.log());
}

#[test]
fn replaceable_secret_file_stops_the_start() {
    let hs256 = Program::new().set("FIELDGUARD_TOKEN_ALGORITHM", "HS256");
    let directory = hs256.directory().join("secrets.d");
    fs::create_dir(&directory).unwrap();
    let secret = directory.join("secret");
    fs::write(&secret, format!("{SECRET}\n")).unwrap();
    let config = directory.join("fieldguard.toml");
    fs::write(&config, format!("token = {{ algorithm = 'HS256', secret = '{SECRET}' }}\n")).unwrap();
    chmod(&secret, 0o600);
    chmod(&config, 0o600);
    let configured = Program::new().set("FIELDGUARD_CONFIG", config.to_str().unwrap());
    let named = hs256.set("FIELDGUARD_TOKEN_SECRET_FILE", secret.to_str().unwrap());
    for program in [&configured, &named] {
        chmod(&directory, 0o777);
        assert_refused(program, "secrets.d", "go-w");
        chmod(&directory, 0o1777);
        program.run(&["config", "check"]).ok();
    }
}

#[test]
fn secret_is_set_by_one_environment_variable_only() {
    let program = Program::new().set("FIELDGUARD_TOKEN_ALGORITHM", "HS256");
    let file = program.directory().join("secret");
    fs::write(&file, SECRET).unwrap();
    chmod(&file, 0o400);
    let program = program.set("FIELDGUARD_TOKEN_SECRET_FILE", "secret");
    let shown = program.run(&["config", "show"]).ok();
    assert!(shown.contains("secret = \"[redacted]\" # FIELDGUARD_TOKEN_SECRET_FILE"), "{shown}");
    program.serve();
    let ended = program.set("FIELDGUARD_TOKEN_SECRET", SECRET).run(&["config", "check"]);
    assert!(ended.code == Some(2) && !ended.all().contains(SECRET), "{ended:?}");
    for name in ["`FIELDGUARD_TOKEN_SECRET`", "`FIELDGUARD_TOKEN_SECRET_FILE`"] {
        assert!(ended.err.contains(name), "{ended:?}");
    }
    let ended = Program::new().set("FIELDGUARD_DATABASE_URL_FILE", "absent").run(&["config", "check"]);
    assert!(ended.code == Some(2) && ended.err.contains("`absent` (FIELDGUARD_DATABASE_URL_FILE)"), "{ended:?}");
}

#[test]
fn help_warns_that_flags_are_visible_to_other_users() {
    let manual = Program::new().run(&["--help"]).ok();
    assert!(manual.contains("Other users of the machine can see the flags"), "{manual}");
    assert!(manual.contains("FIELDGUARD_TOKEN_SECRET or FIELDGUARD_TOKEN_SECRET_FILE"), "{manual}");
}

/// Runs `config check` as another user than root, as a container does.
fn check_as_other_user(program: &Program, executable: &Path) -> (Option<i32>, String) {
    let template = program.command(&["config", "check"]);
    let mut command = std::process::Command::new(executable);
    command.args(template.get_args()).current_dir(program.directory()).env_clear();
    command.envs(template.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.uid(OTHER_USER).gid(OTHER_USER).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

const OTHER_USER: u32 = 65_532;

#[needs("FIELDGUARD_TEST_ROOT")]
#[test]
fn mounted_file_of_root_is_accepted_by_another_user() {
    // The build directory may be closed to other users.
    let place = tempfile::tempdir().unwrap();
    let executable = place.path().join("fieldguard");
    fs::copy(env!("CARGO_BIN_EXE_fieldguard"), &executable).unwrap();
    let program = Program::new();
    let file = program.directory().join("token.pem");
    fs::write(&file, fieldguard::auth::keys::generate_es256().as_bytes()).unwrap();
    let program = program.set("FIELDGUARD_TOKEN_KEY_FILE", file.to_str().unwrap());
    for path in [place.path(), &executable, program.directory()] {
        chmod(path, 0o755);
    }
    let of = |owner, group, mode| {
        std::os::unix::fs::chown(&file, Some(owner), Some(group)).unwrap();
        chmod(&file, mode);
        check_as_other_user(&program, &executable)
    };
    assert_eq!(of(0, OTHER_USER, 0o440), (Some(0), String::new()), "an fsGroup of Kubernetes");
    let (code, log) = of(0, 0, 0o444);
    assert!(code == Some(0) && log.contains("other users can read") && log.contains("chmod 440"), "{log}");
    assert_eq!(of(OTHER_USER, OTHER_USER, 0o400), (Some(0), String::new()));
    let (code, log) = of(0, OTHER_USER, 0o460);
    assert!(code == Some(2) && log.contains("chmod 440"), "{log}");
    let (code, log) = of(1_000, OTHER_USER, 0o440);
    assert!(code == Some(2) && log.contains("another user (id 1000)") && log.contains("chown root"), "{log}");
}
