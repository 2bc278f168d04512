//! Parses command lines.

use super::*;
use crate::config::{Key, keys};

fn parsed(line: &str) -> Cli {
    try_parse_from(line.split(' ')).unwrap()
}

fn set(cli: &Cli) -> Vec<(&str, &str)> {
    cli.settings.values.iter().map(|(key, text)| (key.path(), text.as_str())).collect()
}

#[test]
fn the_definition_is_consistent() {
    Arguments::command().debug_assert();
}

#[test]
fn serves_without_a_command() {
    assert_eq!(parsed("fieldguard").command, Command::Serve);
    assert_eq!(parsed("fieldguard serve").command, Command::Serve);
}

#[test]
fn settings_are_accepted_before_and_after_the_command() {
    for line in [
        "fieldguard --listen a admin list --config f",
        "fieldguard --config f admin --listen a list",
        "fieldguard admin list --listen a --config f",
    ] {
        let cli = parsed(line);
        assert_eq!(cli.command, Command::Admin(Admin::List { format: ListFormat::Table }));
        assert_eq!(set(&cli), [("listen", "a")], "{line}");
        assert_eq!(cli.settings.file.as_deref(), Some("f".as_ref()));
    }
    assert_eq!(set(&parsed("fieldguard --token-key-file k")), [("token.key_file", "k")]);
}

#[test]
fn the_manual_lists_every_setting() {
    let manual = Arguments::command().render_long_help().to_string();
    for key in keys() {
        assert!(
            manual.contains(&format!("--{} ", key.flag())) && manual.contains(Key::variable(key)),
            "{}",
            key.path()
        );
    }
    assert!(!Arguments::command().render_help().to_string().contains("--limits-depth"));
}

#[test]
fn an_invalid_command_line_exits_with_2() {
    for line in ["fieldguard bogus", "fieldguard --bogus", "fieldguard admin create", "fieldguard access --format xml"]
    {
        assert_eq!(try_parse_from(line.split(' ')).unwrap_err().exit_code(), 2, "{line}");
    }
    assert_eq!(try_parse_from(["fieldguard", "--help"]).unwrap_err().exit_code(), 0);
}

#[test]
fn errors_and_debug_output_contain_no_secrets() {
    let shown = format!("{:?}", parsed("fieldguard --token-secret hunter2"));
    assert!(shown.contains("token.secret") && !shown.contains("hunter2"), "{shown}");
    for line in ["fieldguard --token-secret hunter2 --token-secret hunter2", "fieldguard --token-secrett=hunter2"] {
        let error = try_parse_from(line.split(' ')).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn errors_and_debug_output_contain_no_database_urls() {
    let shown = format!("{:?}", parsed("fieldguard copy --from postgres://u:hunter2@h/x --to sqlite:y"));
    assert!(shown.contains("Copy") && !shown.contains("hunter2"), "{shown}");
    for line in ["fieldguard copy --from hunter2", "fieldguard copy --from hunter2 --from hunter2 --to y"] {
        let error = try_parse_from(line.split(' ')).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn every_command_is_parsed() {
    let backup = Backup { file: "a".into(), replace: true };
    assert_eq!(parsed("fieldguard backup --replace a").command, Command::Backup(backup));
    let restore = Restore { file: "a".into(), replace: false };
    assert_eq!(parsed("fieldguard restore a").command, Command::Restore(restore));
    let copy = Copy { from: "sqlite:a".to_owned().into(), to: "sqlite:b".to_owned().into() };
    assert_eq!(parsed("fieldguard copy --from sqlite:a --to sqlite:b").command, Command::Copy(copy));
    let create = Admin::Create { name: "ada".into(), email: Some("a@b.c".into()), password_stdin: true };
    assert_eq!(parsed("fieldguard admin create ada --email a@b.c --password-stdin").command, Command::Admin(create));
    let show = Users::Show { user: "ann".into(), format: ListFormat::Json };
    assert_eq!(parsed("fieldguard users show ann --format json").command, Command::Users(show));
    let give = vec!["a".to_owned(), "b".to_owned()];
    let roles = Users::Roles { user: "ann".into(), give, take: vec!["c".into()], format: ListFormat::Table };
    assert_eq!(parsed("fieldguard users roles ann --give a --take c --give b").command, Command::Users(roles));
    assert_eq!(parsed("fieldguard completion zsh").command, Command::Completion { shell: Shell::Zsh });
    assert_eq!(parsed("fieldguard schema --as user").command, Command::Schema { role: Some("user".into()) });
    let access = |command| Command::Access(Access { role: Some("user".into()), format: AccessFormat::Csv, command });
    assert_eq!(parsed("fieldguard access --role user --format csv").command, access(None));
    let diff = AccessCommand::Diff { old: "a".into(), new: Some("-".into()) };
    for line in ["access --role user --format csv diff a -", "access diff a - --format csv --role user"] {
        assert_eq!(parsed(&format!("fieldguard {line}")).command, access(Some(diff.clone())), "{line}");
    }
    for (line, online) in [("fieldguard config check", false), ("fieldguard config check --online", true)] {
        assert_eq!(parsed(line).command, Command::Config(Config::Check { online }));
    }
    assert_eq!(parsed("fieldguard config show").command, Command::Config(Config::Show));
    assert_eq!(parsed("fieldguard migrate").command, Command::Migrate);
    assert_eq!(
        parsed("fieldguard keys list --format json").command,
        Command::Keys(Keys::List { format: ListFormat::Json })
    );
    for (line, now) in [("fieldguard keys rotate", false), ("fieldguard keys rotate --now", true)] {
        assert_eq!(parsed(line).command, Command::Keys(Keys::Rotate { now }));
    }
    for kid in ["abc", "-a_b", "--a"] {
        let command = parsed(&format!("fieldguard keys retire {kid}")).command;
        assert_eq!(command, Command::Keys(Keys::Retire { kid: kid.into() }), "a kid may start with a hyphen");
    }
}

#[test]
fn the_manual_of_a_command_leaves_out_the_settings() {
    for line in ["serve --help", "admin create --help", "help serve", "help admin create", "admin --help", "serve -h"] {
        let manual = try_parse_from(format!("fieldguard {line}").split(' ')).unwrap_err().to_string();
        assert!(!manual.contains("--limits-depth") && !manual.contains("--listen"), "{line}: {manual}");
        assert!(
            !manual.contains("--config") || manual.contains("`fieldguard --help` lists the settings"),
            "{line}: {manual}"
        );
    }
    let whole = try_parse_from(["fieldguard", "--help"]).unwrap_err().to_string();
    assert!(whole.contains("--limits-depth") && whole.contains("--port"), "{whole}");
}

#[test]
fn the_port_can_be_set_separately() {
    for line in ["fieldguard --port 8080", "fieldguard serve --port 8080", "fieldguard --port 8080 serve"] {
        assert_eq!(parsed(line).settings.port, Some(8080), "{line}");
    }
    for line in ["fieldguard --port x", "fieldguard --port 70000", "fieldguard --port 1 --listen 127.0.0.1:2"] {
        assert!(try_parse_from(line.split(' ')).is_err(), "{line}");
    }
}
