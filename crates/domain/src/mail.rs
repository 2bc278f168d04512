//! Mails to users: their kinds, what they tell, and when one that was not sent is tried again. Texts and delivery are the
//! server's.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    backoff::wait,
    id::{MailId, UserId},
};

/// How long a mail is tried. Users still want to know of a change to their account after an outage of a weekend.
const TRIED_FOR: TimeDelta = TimeDelta::days(3);

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MailKind {
    /// A code that verifies the email address.
    EmailVerification,
    /// Tells the former address that the account has another one. If the user made the change, a code undoes it.
    EmailChanged,
    /// A code that resets the password.
    PasswordReset,
    /// The password was changed or reset.
    PasswordChanged,
    /// A personal access token was created.
    PersonalAccessTokenCreated,
}

impl MailKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [
        Self::EmailVerification,
        Self::EmailChanged,
        Self::PasswordReset,
        Self::PasswordChanged,
        Self::PersonalAccessTokenCreated,
    ];

    /// The name in the database and of its templates.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EmailVerification => "email_verification",
            Self::EmailChanged => "email_changed",
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged => "password_changed",
            Self::PersonalAccessTokenCreated => "personal_access_token_created",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What a mail tells.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MailContent {
    /// The username.
    pub username: String,
    /// The language and region of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// When what it tells of happened.
    pub at: DateTime<Utc>,
    /// The code in clear text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// When the code expires. The mail is useless after that, and is not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    /// The name of the personal access token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// A code in a mail.
pub struct MailedCode {
    /// The code in clear text.
    pub code: String,
    /// When it expires.
    pub expires_at: DateTime<Utc>,
}

impl MailContent {
    /// Adds a code.
    pub fn set_code(&mut self, MailedCode { code, expires_at }: MailedCode) {
        (self.code, self.expires_at) = (Some(code), Some(expires_at));
    }

    /// Whether the mail is useless at `now`.
    #[must_use]
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }
}

impl fmt::Debug for MailContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailContent").field("at", &self.at).finish_non_exhaustive()
    }
}

/// A mail to a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The identifier, which is the same for every attempt.
    pub id: MailId,
    /// What it is about.
    pub kind: MailKind,
    /// The account it is about.
    pub user: UserId,
    /// The address it goes to.
    pub recipient: String,
    /// What it tells.
    pub content: MailContent,
    /// When it was queued.
    pub queued_at: DateTime<Utc>,
}

/// The result of one attempt to send a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendOutcome {
    /// The mail server accepted it.
    Sent,
    /// It may be accepted later.
    Failed,
    /// The mail server refuses this mail for good.
    Refused,
}

/// What happens to a mail after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// It is sent.
    Sent,
    /// It is tried again at this time.
    Retry(DateTime<Utc>),
    /// It is not tried again.
    GiveUp,
}

/// The numbers of mails that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MailBacklog {
    /// The number of pending mails.
    pub pending: u64,
    /// Since when the oldest pending mail waits.
    pub oldest_pending: Option<DateTime<Utc>>,
}

/// What follows from the `outcome` of attempt number `attempts` that ended at `now`. The last attempt is at the end of the
/// time in which the mail is tried.
#[must_use]
pub fn next_step(outcome: SendOutcome, mail: &Mail, attempts: u32, now: DateTime<Utc>) -> NextStep {
    let end = mail.queued_at + TRIED_FOR;
    match outcome {
        SendOutcome::Sent => NextStep::Sent,
        SendOutcome::Refused => NextStep::GiveUp,
        SendOutcome::Failed if now >= end => NextStep::GiveUp,
        SendOutcome::Failed => NextStep::Retry((now + wait(mail.id.uuid(), attempts)).min(end)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn mail() -> Mail {
        let (username, code) = ("ada".to_owned(), Some("fg_pr_secret".to_owned()));
        let content = MailContent { username, locale: None, at: start(), code, expires_at: None, token: None };
        Mail {
            id: MailId::new(start()),
            kind: MailKind::PasswordReset,
            user: UserId::new(start()),
            recipient: "ada@example.org".to_owned(),
            content,
            queued_at: start(),
        }
    }

    #[test]
    fn kinds_have_names_of_their_own() {
        for kind in MailKind::ALL {
            assert_eq!(MailKind::from_stored(kind.as_str()), Some(kind));
        }
    }

    #[test]
    fn a_failed_mail_is_tried_until_the_end() {
        let step = |outcome, passed| next_step(outcome, &mail(), 20, start() + passed);
        let NextStep::Retry(at) = step(SendOutcome::Failed, TimeDelta::zero()) else { panic!("not tried again") };
        assert!(at > start() + TimeDelta::minutes(40));
        let before = TRIED_FOR - TimeDelta::seconds(1);
        assert_eq!(step(SendOutcome::Failed, before), NextStep::Retry(start() + TRIED_FOR));
        assert_eq!(step(SendOutcome::Failed, TRIED_FOR), NextStep::GiveUp);
        assert_eq!(step(SendOutcome::Sent, TRIED_FOR), NextStep::Sent);
        assert_eq!(step(SendOutcome::Refused, TimeDelta::zero()), NextStep::GiveUp);
    }

    #[test]
    fn a_printed_mail_has_no_code() {
        assert!(!format!("{:?}", mail()).contains("secret"));
    }
}
