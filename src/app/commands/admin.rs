//! `fieldguard admin …`: creates and lists administrators, and resets passwords of users who are locked out.

use serde_json::Value;

use super::create as create_app;
use super::{Program, open, output, users};
use crate::{
    accounts::register::Registration,
    app::Error,
    cli::{self, Admin, ListFormat},
    config::Config,
};

pub(super) async fn run(config: Config, program: &Program, command: Admin) -> Result<(), Error> {
    match command {
        Admin::Create { name, email, password_stdin } => {
            Box::pin(create(config, program, name, email, password_stdin)).await
        }
        Admin::Reset { name } => reset(config, program, &name).await,
        Admin::SetPassword { name, password_stdin } => set_password(config, program, &name, password_stdin).await,
        Admin::ResetSecondFactor { name } => reset_second_factor(config, program, &name).await,
        Admin::List { format } => list(config, program, format).await,
    }
}

async fn create(
    config: Config,
    program: &Program,
    name: String,
    email: Option<String>,
    stdin: bool,
) -> Result<(), Error> {
    let password = cli::password::ask(stdin)?.as_str().to_owned();
    let database = config.database_label();
    let user = create_app(config, program)
        .await?
        .accounts
        .create_admin(Registration { username: name, email, password })
        .await?;
    output::print(&format!("{} is an administrator.\nThe database is {database}\n", user.username.as_str()))
}

async fn reset(config: Config, program: &Program, name: &str) -> Result<(), Error> {
    let app = open(config, program).await?;
    super::note_running_server(&app);
    let issued = app.accounts.issue_password_reset_by_name(name).await?;
    let username = issued.user.username.as_str();
    let code = issued.code.expose();
    output::print(&format!("{code}\nresets the password of {username} once, until {}.\n", issued.expires_at))
}

async fn reset_second_factor(config: Config, program: &Program, name: &str) -> Result<(), Error> {
    let app = open(config, program).await?;
    super::note_running_server(&app);
    let (user, effect) = app.accounts.reset_second_factor_by_name(name).await?;
    let revoked = revoked(effect.sessions);
    output::print(&format!("The second factor of {} is removed.{revoked}\n", user.username.as_str()))
}

fn revoked(sessions: u64) -> String {
    match sessions {
        0 => String::new(),
        1 => " 1 session was revoked.".to_owned(),
        sessions => format!(" {sessions} sessions were revoked."),
    }
}

async fn set_password(config: Config, program: &Program, name: &str, stdin: bool) -> Result<(), Error> {
    let app = open(config, program).await?;
    let password = cli::password::ask(stdin)?.as_str().to_owned();
    super::note_running_server(&app);
    let (user, effect) = app.accounts.set_password_by_name(name, password).await?;
    let ended = revoked(effect.sessions);
    output::print(&format!("The password of {} is set.{ended}\n", user.username.as_str()))
}

async fn list(config: Config, program: &Program, format: ListFormat) -> Result<(), Error> {
    let admins = open(config, program).await?.accounts.administrators().await?;
    match format {
        ListFormat::Table => {
            let row =
                |user: &_| output::line(&[users::id(user), users::state(user).to_owned(), users::name(user)], &[36, 8]);
            output::print(&admins.iter().map(row).collect::<String>())
        }
        ListFormat::Json => output::print_json(&admins.iter().map(users::as_json).collect::<Value>()),
    }
}
