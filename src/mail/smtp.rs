//! Sends mails over SMTP. Each attempt makes its own connection: mails are few.

use std::time::Duration;

use fieldguard_guard::cause::chain;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    transport::smtp::{
        self,
        authentication::Credentials,
        client::{Tls, TlsParameters},
        extension::ClientId,
        response::{Category, Code, Detail, Severity},
    },
};
use tokio::time::timeout;

use crate::domain::{id::MailId, mail::SendOutcome};

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// With STARTTLS, which the server must offer.
    Starttls,
    /// From the start.
    Tls,
    /// Not at all.
    None,
}

/// A mail server.
#[derive(Clone)]
pub struct Server {
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is encrypted.
    pub encryption: Encryption,
    /// The username and the password.
    pub credentials: Option<(String, String)>,
    /// The maximum time of one attempt.
    pub timeout: Duration,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    timeout: Duration,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp").finish_non_exhaustive()
    }
}

impl Smtp {
    /// `hello` is the domain with which the client introduces itself.
    ///
    /// # Errors
    ///
    /// If the machine has no certificates of authorities, which TLS needs.
    pub(super) fn new(server: &Server, hello: &str) -> Result<Self, smtp::Error> {
        let parameters = || TlsParameters::new(server.host.clone());
        let tls = match server.encryption {
            Encryption::Starttls => Tls::Required(parameters()?),
            Encryption::Tls => Tls::Wrapper(parameters()?),
            Encryption::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
            .port(server.port)
            .tls(tls)
            .hello_name(ClientId::Domain(hello.to_owned()))
            .timeout(Some(server.timeout));
        if let Some((username, password)) = &server.credentials {
            builder = builder.credentials(Credentials::new(username.clone(), password.clone()));
        }
        Ok(Self { transport: builder.build(), timeout: server.timeout })
    }

    /// Makes one attempt. The answer of the server is not logged: it may repeat the address.
    pub(super) async fn send(&self, mail: MailId, message: Message) -> SendOutcome {
        match timeout(self.timeout, self.transport.send(message)).await {
            Ok(Ok(_)) => SendOutcome::Sent,
            Ok(Err(error)) => {
                let outcome = outcome(error.status());
                if let Some(status) = error.status() {
                    tracing::warn!(%mail, status = u16::from(status), "the mail server refused a mail");
                } else {
                    tracing::warn!(%mail, error = chain(&error), "a mail could not be sent");
                }
                outcome
            }
            Err(_) => {
                tracing::warn!(%mail, "a mail could not be sent: the mail server did not answer in time");
                SendOutcome::Failed
            }
        }
    }
}

/// What the status of a refusal means. A wrong password or a server that wants another login is a matter of the
/// configuration, after whose correction the mail is sent.
fn outcome(status: Option<Code>) -> SendOutcome {
    const LOGIN: [Detail; 4] = [Detail::Zero, Detail::Four, Detail::Five, Detail::Eight];
    match status {
        Some(Code { severity: Severity::PermanentNegativeCompletion, category, detail }) => {
            let is_login = category == Category::Unspecified3 && LOGIN.contains(&detail);
            if is_login { SendOutcome::Failed } else { SendOutcome::Refused }
        }
        _ => SendOutcome::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn code(category: Category, detail: Detail, severity: Severity) -> Code {
        Code { severity, category, detail }
    }

    #[test]
    fn only_a_permanent_refusal_of_the_mail_ends_it() {
        use Severity::{PermanentNegativeCompletion as Permanent, TransientNegativeCompletion as Transient};
        let unknown_mailbox = code(Category::MailSystem, Detail::Zero, Permanent);
        assert_eq!(outcome(Some(unknown_mailbox)), SendOutcome::Refused);
        for other in [
            None,
            Some(code(Category::MailSystem, Detail::Zero, Transient)),
            // 535: wrong username or password.
            Some(code(Category::Unspecified3, Detail::Five, Permanent)),
        ] {
            assert_eq!(outcome(other), SendOutcome::Failed, "{other:?}");
        }
    }
}
