//! Forgets the addresses of people in the trail. The rows stay, and their chain with them, see [`super::address`].

use sea_orm::ConnectionTrait;

use crate::dialect::Dialect;
use crate::{Error, Tx};
use fieldguard_domain::{audit::ActorKind, id::UserId};

/// Forgets from where an account did anything, and from where somebody who was not signed in did anything to it, which for the
/// most part was its holder. Rows from before addresses were sealed keep theirs until they are pruned.
///
/// # Errors
///
/// Where the database fails.
pub async fn addresses(tx: &Tx, user: UserId) -> Result<(), Error> {
    let anonymous = ActorKind::Anonymous.as_str();
    for whose in ["actor_id = $1 AND actor <> $2", "target_id = $1 AND actor = $2"] {
        let sql = format!(
            "UPDATE audit_events SET ip_address = NULL, address_salt = NULL WHERE address_seal IS NOT NULL AND {whose}"
        );
        let values = [user.to_string().into(), anonymous.into()];
        tx.connection().execute_raw(tx.kind().statement(sql, values)).await?;
    }
    Ok(())
}
