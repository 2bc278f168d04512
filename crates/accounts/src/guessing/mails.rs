//! Rate limits of mails that users ask for, so that no client floods a mailbox or the mail server.

use chrono::TimeDelta;

use super::{by_mailed_account, countable};
use crate::{Accounts, error::Error, metrics::Limited};
use fieldguard_auth::fingerprint;
use fieldguard_domain::{email::EmailAddress, guessing::Rate, id::UserId, session::Client};

/// Password resets that one client address requests: for the users of one office.
const RESETS_BY_CLIENT: Rate = Rate { number: 20, per: TimeDelta::hours(1) };

/// Password resets that are requested for one email address.
const RESETS_FOR_ADDRESS: Rate = Rate { number: 5, per: TimeDelta::hours(1) };

/// Mails with codes to one account.
const CODES_FOR_ACCOUNT: Rate = Rate { number: 10, per: TimeDelta::hours(1) };

impl Accounts {
    /// Counts a request for a password reset, whether or not an account has the address. Call it outside any write
    /// transaction.
    ///
    /// # Errors
    ///
    /// [`Error::RateLimited`] after too many from that client or for that address.
    pub(crate) async fn count_reset_request(&self, email: &EmailAddress, client: &Client) -> Result<(), Error> {
        let by_client = countable(client).map(|network| fingerprint::of(&["reset", &network.to_string()]));
        let for_address = fingerprint::of(&["reset address", email.key()]);
        let counts =
            by_client.map(|key| (key, RESETS_BY_CLIENT)).into_iter().chain([(for_address, RESETS_FOR_ADDRESS)]);
        for (key, rate) in counts {
            let passed = self.check_rate(&key, rate).await;
            passed.map_err(|error| self.limited(Limited::Mail, error))?;
        }
        Ok(())
    }

    /// Counts a mail with a code to the account. Call it outside any write transaction.
    ///
    /// # Errors
    ///
    /// [`Error::RateLimited`] after too many.
    pub(crate) async fn count_code_mail(&self, user: UserId) -> Result<(), Error> {
        let passed = self.check_rate(&by_mailed_account(user), CODES_FOR_ACCOUNT).await;
        passed.map(drop).map_err(|error| self.limited(Limited::Mail, error))
    }
}
