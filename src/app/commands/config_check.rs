//! `fieldguard config check`: reads what a start reads and, with `--online`, looks at the database.

use super::output;
use crate::{
    accounts::clock::Clock,
    app::{
        Error,
        database::{self, Inspection},
        encryption, inputs,
    },
    config::{Config, MailDelivery},
};

pub(super) async fn run(config: &Config, online: bool) -> Result<(), Error> {
    inputs::read(config, Clock::System.now())?;
    output::print("The configuration is valid.\n")?;
    if config.mail_delivery() == MailDelivery::Off {
        output::print("The server sends no mail: `mail.smtp_host` is not set.\n")?;
    }
    if encryption::is_missing(config) {
        output::print("Users can't enroll a second factor: PostgreSQL needs the setting `encryption.key`.\n")?;
    }
    if online {
        output::print(&text(database::inspect(config).await?.as_ref()))?;
    }
    Ok(())
}

fn text(found: Option<&Inspection>) -> String {
    let Some(found) = found else { return "There is no database yet. The first start creates it.\n".to_owned() };
    let pending = match &*found.pending {
        [] => "Its schema is current.".to_owned(),
        names => format!("The next start applies these migrations: {}.", names.join(", ")),
    };
    format!("The database is {}. {pending}\n", found.server)
}
