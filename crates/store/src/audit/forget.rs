//! Deletes IP addresses of users from the audit log. The events and their hash chain stay, see [`super::address`].

use sea_orm::ConnectionTrait;

use crate::dialect::Dialect;
use crate::{Error, Tx};
use fieldguard_domain::{audit::ActorKind, id::UserId};

/// Deletes the addresses from which the user acted, and those from which anonymous callers acted on the user, most of
/// whom were the user. Events from before seals existed keep their addresses until they are pruned.
///
/// # Errors
///
/// If the database fails.
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
