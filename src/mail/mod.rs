//! Sends mails to users, over SMTP or to files. It stores nothing; [`crate::app`] decides what is sent and when.

mod files;
mod smtp;
mod templates;

use std::{path::PathBuf, sync::Arc, time::SystemTime};

use chrono::{DateTime, Utc};
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};

use self::{
    files::Files,
    smtp::Smtp,
    templates::{Rendered, Templates, Values},
};
use crate::{
    config::MailLink,
    domain::mail::{Mail, MailKind, SendOutcome},
};

pub use self::{smtp::Encryption, smtp::Server, templates::TemplateError};

/// Where mails go.
#[derive(Debug, Clone)]
pub enum Destination {
    /// A mail server.
    Smtp(Server),
    /// Files in this directory.
    Files(PathBuf),
}

/// The pages that mails link to.
#[derive(Debug, Clone, Default)]
pub struct Links {
    /// Where users reset their password.
    pub reset_password: Option<MailLink>,
    /// Where users verify their email address.
    pub verify_email: Option<MailLink>,
    /// Where users undo a change of their email address.
    pub undo_email_change: Option<MailLink>,
}

/// The configuration of mail.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where mails go.
    pub destination: Destination,
    /// The sender.
    pub from: Mailbox,
    /// The directory with templates that replace the built-in ones.
    pub templates: Option<PathBuf>,
    /// The pages that mails link to.
    pub links: Links,
}

/// Sends mails. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Mailer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    transport: Transport,
    from: Mailbox,
    templates: Templates,
    links: Links,
}

#[derive(Debug)]
enum Transport {
    Smtp(Smtp),
    Files(Files),
}

/// Why mail can't be sent.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A template cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// TLS cannot be used.
    #[error("TLS needs the certificates of authorities, such as those of the package ca-certificates")]
    Tls(#[source] lettre::transport::smtp::Error),
}

impl Mailer {
    /// Prepares the templates and the connection. Connects to nothing.
    ///
    /// # Errors
    ///
    /// If a template cannot be used, or the machine has no certificates of authorities, which TLS needs.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        let Settings { destination, from, templates, links } = settings;
        let templates = Templates::load(templates.as_deref())?;
        let transport = match destination {
            Destination::Smtp(server) => Transport::Smtp(Smtp::new(&server, from.email.domain()).map_err(Error::Tls)?),
            Destination::Files(directory) => Transport::Files(Files::new(directory)),
        };
        Ok(Self(Arc::new(Inner { transport, from, templates, links })))
    }

    /// Makes one attempt to send the mail. Every attempt has the same `Message-ID`. A failure is logged, without the
    /// recipient and the content.
    pub async fn send(&self, mail: &Mail) -> SendOutcome {
        let Some(message) = self.message(mail) else {
            tracing::error!(mail = %mail.id, kind = mail.kind.as_str(), "a mail cannot be written");
            return SendOutcome::Refused;
        };
        match &self.0.transport {
            Transport::Smtp(smtp) => smtp.send(mail.id, message).await,
            Transport::Files(files) => files.write(mail.id, message.formatted()).await,
        }
    }

    /// The message with its headers, which lettre encodes: no value can begin another header. `None` if the recipient is no
    /// address, or if a template fails.
    fn message(&self, mail: &Mail) -> Option<Message> {
        let Rendered { subject, text, html } = self.render(mail)?;
        let recipient: Address = mail.recipient.parse().ok()?;
        let from = &self.0.from;
        let message = Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, recipient))
            .subject(subject)
            .date(SystemTime::from(mail.queued_at))
            .message_id(Some(format!("<{}@{}>", mail.id, from.email.domain())))
            // Keeps programs from answering (RFC 3834).
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(text, html));
        message.ok()
    }

    fn render(&self, mail: &Mail) -> Option<Rendered> {
        let content = &mail.content;
        let from = &self.0.from;
        let values = Values {
            username: &content.username,
            code: content.code.as_deref(),
            link: content.code.as_deref().and_then(|code| self.link(mail.kind, code)),
            expires_at: content.expires_at.map(shown),
            at: shown(content.at),
            token: content.token.as_deref(),
            sender: from.name.clone().unwrap_or_else(|| from.email.domain().to_owned()),
        };
        match self.0.templates.render(mail.kind, content.locale.as_deref(), &values) {
            Ok(rendered) => Some(rendered),
            Err(error) => {
                tracing::error!(%error, "a template of mails failed");
                None
            }
        }
    }

    fn link(&self, kind: MailKind, code: &str) -> Option<String> {
        let links = &self.0.links;
        let page = match kind {
            MailKind::PasswordReset => &links.reset_password,
            MailKind::EmailVerification => &links.verify_email,
            MailKind::EmailChanged => &links.undo_email_change,
            MailKind::PasswordChanged | MailKind::PersonalAccessTokenCreated => &None,
        };
        page.as_ref().map(|page| page.with_code(code))
    }
}

fn shown(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        id::{MailId, UserId},
        mail::MailContent,
    };

    const LINK: &str = "https://app.example.org/reset";

    fn mailer() -> Mailer {
        let links = Links { reset_password: Some(LINK.parse().unwrap()), ..Links::default() };
        let (destination, from) =
            (Destination::Files(PathBuf::new()), "Example <no-reply@example.org>".parse().unwrap());
        Mailer::new(Settings { destination, from, templates: None, links }).unwrap()
    }

    fn mail(kind: MailKind, locale: Option<&str>) -> Mail {
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        Mail {
            id: MailId::new(at),
            kind,
            user: UserId::new(at),
            recipient: "ada@example.org".to_owned(),
            content: MailContent {
                username: "ada".to_owned(),
                locale: locale.map(str::to_owned),
                at,
                code: Some("fg_pr_code".to_owned()),
                expires_at: Some(at),
                token: Some("<b>backup</b>".to_owned()),
            },
            queued_at: at,
        }
    }

    fn text(mail: &Mail) -> String {
        String::from_utf8(mailer().message(mail).unwrap().formatted()).unwrap()
    }

    #[test]
    fn attempts_have_the_same_id_and_date() {
        let mail = mail(MailKind::PasswordReset, None);
        let text = text(&mail);
        for line in [
            format!("Message-ID: <{}@example.org>", mail.id),
            "Date: Fri, 15 Jan 2027 08:00:00 +0000".to_owned(),
            "From: Example <no-reply@example.org>".to_owned(),
            "To: ada@example.org".to_owned(),
            "Auto-Submitted: auto-generated".to_owned(),
        ] {
            assert!(text.lines().any(|other| other == line), "{line}: {text}");
        }
    }

    #[test]
    fn no_value_begins_another_header() {
        let mut mail = mail(MailKind::PasswordReset, None);
        mail.content.username = "ada\r\nBcc: eve@example.org".to_owned();
        let text = text(&mail);
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        mail.recipient = "ada@example.org\r\nBcc: eve@example.org".to_owned();
        assert!(mailer().message(&mail).is_none());
    }

    #[test]
    fn a_link_has_the_code_in_its_fragment() {
        let rendered = mailer().render(&mail(MailKind::PasswordReset, None)).unwrap();
        assert!(rendered.text.contains(&format!("{LINK}#code=fg_pr_code")), "{}", rendered.text);
        assert!(mailer().render(&mail(MailKind::EmailVerification, None)).unwrap().text.contains("\nfg_pr_code\n"));
    }

    #[test]
    fn mails_are_in_the_language_of_the_user() {
        let subject = |locale| mailer().render(&mail(MailKind::PasswordReset, locale)).unwrap().subject;
        assert_eq!(subject(Some("de-CH")), "Passwort zurücksetzen");
        for other in [None, Some("en-GB"), Some("fr")] {
            assert_eq!(subject(other), "Reset your password");
        }
    }

    #[test]
    fn markup_in_a_value_is_text() {
        let rendered = mailer().render(&mail(MailKind::PersonalAccessTokenCreated, None)).unwrap();
        assert!(rendered.html.contains("&lt;b&gt;backup&lt;"), "{}", rendered.html);
        assert!(rendered.text.contains("<b>backup</b>"));
    }
}
