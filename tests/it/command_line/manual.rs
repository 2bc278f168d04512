//! Shell completions and the manual page.

use std::process::Command;

use super::program::Program;

#[test]
fn completion_contains_every_command() {
    // An invalid setting or an unreachable database does not matter.
    let program = Program::new().set("FIELDGUARD_LISTEN", "nonsense");
    for (shell, begins) in [("bash", "_fieldguard() {"), ("zsh", "#compdef fieldguard"), ("fish", "")] {
        let script = program.run(&["completion", shell]).ok();
        assert!(script.starts_with(begins), "{script:.200}");
        for word in ["disable", "diff", "rotate", "completion", "data-dir", "registrations-per-hour"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(program.run(&["completion", "tcsh"]).code, Some(2));
    assert_eq!(program.run(&["completion"]).code, Some(2));
    assert!(!program.directory().join("data").exists());
}

#[test]
fn bash_completion_completes() {
    let program = Program::new();
    let script = program.run(&["completion", "bash"]).ok();
    let ask =
        "COMP_WORDS=(fieldguard users di) COMP_CWORD=2; _fieldguard fieldguard di users; echo \"${COMPREPLY[@]}\"";
    let output = Command::new("bash").args(["-c", &format!("{script}\n{ask}")]).output();
    // Not every machine has `bash`.
    if let Ok(output) = output {
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "disable\n");
    }
}

#[test]
fn manual_contains_every_command_and_setting() {
    let program = Program::new().set("FIELDGUARD_LISTEN", "nonsense");
    let page = program.run(&["man"]).ok();
    for text in [
        ".TH fieldguard 1",
        ".SH SYNOPSIS",
        ".SS \"fieldguard users disable\"",
        ".SS \"fieldguard access diff\"",
        "\\-\\-limits\\-registrations\\-per\\-hour",
        "FIELDGUARD_DATABASE_URL",
        "The maximum number of registrations from one address per hour.",
        "Exit codes",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn closed_output_causes_no_panic() {
    let program = Program::migrated();
    for line in [&["man"][..], &["access"], &["users", "list"], &["completion", "bash"]] {
        let ended = program.run_with_closed_output(line);
        assert_eq!((ended.code, ended.err.contains("panic")), (Some(0), false), "{ended:?}");
    }
}
