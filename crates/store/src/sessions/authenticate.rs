//! The time when the user last proved who they are in a session, and by which methods.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::{Error, Tx, entity::session, time};
use fieldguard_domain::{authentication::Methods, id::SessionId, session::Session};

/// Records that the user proved again who they are in the session, which then has these methods. Returns the updated
/// session, or `None` if it is not active.
///
/// # Errors
///
/// If the database fails.
pub async fn note_authenticated(
    tx: &Tx,
    id: SessionId,
    methods: Methods,
    now: DateTime<Utc>,
) -> Result<Option<Session>, Error> {
    let update = session::Entity::update_many()
        .col_expr(session::Column::AuthenticatedAt, Expr::value(time::millis(now)))
        .col_expr(session::Column::Methods, Expr::value(methods.to_stored()))
        .filter(session::Column::Id.eq(id.uuid()))
        .filter(super::list::is_live(now));
    Ok(update.exec_with_returning(tx.connection()).await?.pop().map(Session::from))
}
