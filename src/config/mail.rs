//! The values of `[mail]`.

use std::net::IpAddr;

use lettre::message::Mailbox;

use super::http_url::HttpUrl;
use super::is_localhost;
use super::value::{Kind, Value};

/// Whether a host name or IP address means this machine.
pub(super) fn is_this_machine(host: &str) -> bool {
    is_localhost(host) || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The sender of mails: a name and an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSender(Mailbox);

impl MailSender {
    /// The name and the address.
    #[must_use]
    pub const fn as_mailbox(&self) -> &Mailbox {
        &self.0
    }
}

impl Value for MailSender {
    const PLACEHOLDER: &'static str = "ADDRESS";
    const KIND: Kind = Kind::Text;

    fn parse(text: &str) -> Result<Self, String> {
        let mailbox = (!text.chars().any(char::is_control)).then(|| text.parse().ok()).flatten();
        mailbox.map(Self).ok_or_else(|| {
            "must be an address such as `no-reply@example.org` or `Example <no-reply@example.org>`".to_owned()
        })
    }

    fn show(&self) -> Option<String> {
        Some(self.0.to_string())
    }
}

/// The page that a link in a mail leads to. The link has the code in its fragment, which browsers send to no server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailLink(HttpUrl);

impl MailLink {
    /// The link for this code.
    #[must_use]
    pub fn with_code(&self, code: &str) -> String {
        format!("{}#code={code}", self.0.as_str())
    }

    /// The address of the page.
    #[must_use]
    pub const fn url(&self) -> &HttpUrl {
        &self.0
    }
}

impl Value for MailLink {
    const PLACEHOLDER: &'static str = "URL";
    const KIND: Kind = Kind::Text;
    const ECHO: bool = false;

    fn parse(text: &str) -> Result<Self, String> {
        HttpUrl::parse(text).map(Self)
    }

    fn show(&self) -> Option<String> {
        self.0.show()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_have_an_address_and_no_other_header() {
        for good in ["no-reply@example.org", "Example <no-reply@example.org>", "fieldguard@localhost"] {
            assert_eq!(MailSender::parse(good).unwrap().show().unwrap(), good);
        }
        for bad in ["", "Example", "<>", "a@example.org\r\nBcc: b@example.org", "a@example.org, b@example.org"] {
            assert!(MailSender::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn links_have_the_code_in_the_fragment() {
        let link = MailLink::parse("https://app.example.org/reset/").unwrap();
        assert_eq!(link.with_code("fg_pr_x"), "https://app.example.org/reset#code=fg_pr_x");
    }
}
