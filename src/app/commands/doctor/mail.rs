//! Whether the server sends mail.

use super::Finding;
use crate::config::{Config, MailDelivery, Text};

const CHECK: &str = "mail";

pub(super) fn check(config: &Config) -> Finding {
    match config.mail_delivery() {
        MailDelivery::Smtp => {
            let host = config.mail.smtp_host.as_ref().map_or("", Text::as_str);
            Finding::ok(CHECK, format!("sent over `{host}`"))
        }
        MailDelivery::Files => {
            Finding::ok(CHECK, format!("written to files in `{}`", config.mail_directory().display()))
        }
        MailDelivery::Off => Finding::warning(
            CHECK,
            "off: users can't reset their password by mail and learn of no change to their account; set \
             `mail.smtp_host` and `mail.from`",
        ),
    }
}
