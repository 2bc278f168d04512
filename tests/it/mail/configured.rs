//! Settings of mail, as the commands see them.

use std::fs;

use crate::command_line::program::Program;

fn behind_a_proxy() -> Program {
    Program::new().set("FIELDGUARD_PUBLIC_URL", "https://id.example.org")
}

#[test]
fn a_server_without_mail_is_told_so() {
    let found = behind_a_proxy().run(&["config", "check"]).ok();
    assert!(found.contains("sends no mail") && found.contains("`mail.smtp_host`"), "{found}");
    let local = Program::new().run(&["config", "check"]).ok();
    assert!(!local.contains("mail"), "{local}");
    let examined = behind_a_proxy().run(&["doctor", "--url", "http://127.0.0.1:1"]);
    assert!(examined.out.lines().any(|line| line.contains("mail") && line.contains("off")), "{examined:?}");
}

#[test]
fn settings_that_would_send_codes_in_clear_text_are_refused() {
    let server = || behind_a_proxy().set("FIELDGUARD_MAIL_SMTP_HOST", "smtp.example.org");
    let from = || server().set("FIELDGUARD_MAIL_FROM", "no-reply@example.org");
    for (program, setting) in [
        (server(), "mail.from"),
        (from().set("FIELDGUARD_MAIL_SMTP_TLS", "none"), "mail.smtp_tls"),
        (from().set("FIELDGUARD_MAIL_SMTP_USERNAME", "ada"), "mail.smtp_password"),
        (from().set("FIELDGUARD_MAIL_RESET_PASSWORD_URL", "http://app.example.org"), "mail.reset_password_url"),
        (behind_a_proxy().set("FIELDGUARD_MAIL_SMTP_PORT", "25"), "mail.smtp_host"),
    ] {
        let error = program.refused();
        assert!(error.contains(setting), "{setting}: {error}");
    }
    from().run(&["config", "check"]).ok();
}

#[test]
fn an_unusable_template_is_named() {
    let program = Program::new().set("FIELDGUARD_MAIL_TEMPLATES", "templates");
    let directory = program.directory().join("templates/en");
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("password_reset.txt"), "Subject: Hello\n\n{{ unknown }}").unwrap();
    let error = program.refused();
    assert!(error.contains("`mail.templates`") && error.contains("en/password_reset.txt"), "{error}");
}
