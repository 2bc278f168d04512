//! The time when the user last gave the password in a session.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::{Error, Tx, entity::session, time};
use fieldguard_domain::{id::SessionId, session::Session};

/// Records that the user gave the password in the session. Returns the updated session, or `None` if it is not active.
///
/// # Errors
///
/// If the database fails.
pub async fn note_authenticated(tx: &Tx, id: SessionId, now: DateTime<Utc>) -> Result<Option<Session>, Error> {
    let update = session::Entity::update_many()
        .col_expr(session::Column::AuthenticatedAt, Expr::value(time::millis(now)))
        .filter(session::Column::Id.eq(id.uuid()))
        .filter(super::list::is_live(now));
    Ok(update.exec_with_returning(tx.connection()).await?.pop().map(Session::from))
}
