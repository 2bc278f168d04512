//! Stores what came of an attempt to send a mail.

use super::{Accounts, error::Error, metrics::MailAttempt};
use fieldguard_domain::mail::{Mail, NextStep, SendOutcome, next_step};
use fieldguard_store::{self as store, mails::Claimed};

impl Accounts {
    /// Deletes a mail that was sent or is given up, or stores when the next attempt is due. If the lease has expired and
    /// another attempt was begun, that one decides.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the database fails. The mail is then sent again when its lease has expired.
    pub async fn settle_mail(&self, claimed: &Claimed, mail: &Mail, outcome: SendOutcome) -> Result<(), Error> {
        let tx = self.store.write().await?;
        let now = self.shared_now(&tx).await?;
        let step = next_step(outcome, mail, claimed.attempts, now);
        let (is_current, attempted) = match step {
            NextStep::Sent => (store::mails::delete(&tx, claimed).await?, MailAttempt::Sent),
            NextStep::Retry(at) => (store::mails::retry(&tx, claimed, at).await?, MailAttempt::Failed),
            NextStep::GiveUp => (store::mails::delete(&tx, claimed).await?, MailAttempt::Dead),
        };
        tx.commit().await?;
        if is_current {
            self.counts().mail_attempted(attempted);
            log(mail, claimed.attempts, step);
        }
        Ok(())
    }
}

/// Logs a mail that was sent or given up, without its address and its content.
fn log(mail: &Mail, attempts: u32, step: NextStep) {
    let (id, kind, user) = (mail.id, mail.kind.as_str(), mail.user);
    match step {
        NextStep::Sent => tracing::info!(mail = %id, kind, %user, attempts, "mail sent"),
        NextStep::GiveUp => tracing::warn!(mail = %id, kind, %user, attempts, "mail given up"),
        NextStep::Retry(_) => {}
    }
}
