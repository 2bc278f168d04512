//! Reads of personal data: whose data was read, and by whom.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    Error, Store,
    entity::account,
    page::{self, Listing},
    time,
};
use fieldguard_domain::{
    audit::Access,
    id::UserId,
    page::{Page, PageRequest},
};

/// Found by the subject sets that contain the user, and the events that refer to these sets.
const LISTING: Listing<'static> = Listing {
    table: "(SELECT id, occurred_at, actor_id, coordinates FROM audit_events WHERE subject_set IN \
            (SELECT set_id FROM audit_subjects WHERE account_id = $4)) AS accesses",
    columns: &["occurred_at", "actor_id", "coordinates"],
    scope: None,
};

#[derive(Deserialize)]
struct Row {
    id: Uuid,
    occurred_at: i64,
    actor_id: Option<String>,
    coordinates: String,
}

/// A page of the reads of the user's personal data, the newest first.
///
/// # Errors
///
/// If the database fails.
pub async fn accesses(store: &Store, user: UserId, request: PageRequest) -> Result<Page<Access>, Error> {
    let scope = vec![user.uuid().into()];
    let page = page::fetch(store, &LISTING, scope, request.reversed(), |row: &Row| row.id).await?.reversed();
    let actors: Vec<UserId> = page.items.iter().filter_map(actor).collect();
    let names = names(store, &actors).await?;
    Ok(page.map(|row| {
        let actor = actor(&row);
        Access {
            id: row.id.into(),
            at: time::from_millis(row.occurred_at),
            actor_name: actor.and_then(|id| names.get(&id).cloned()),
            actor,
            coordinates: serde_json::from_str(&row.coordinates).unwrap_or_default(),
        }
    }))
}

fn actor(row: &Row) -> Option<UserId> {
    row.actor_id.as_deref().and_then(UserId::parse)
}

async fn names(store: &Store, users: &[UserId]) -> Result<HashMap<UserId, String>, Error> {
    if users.is_empty() {
        return Ok(HashMap::new());
    }
    let ids = users.iter().map(|user| user.uuid());
    let rows = account::Entity::find().filter(account::Column::Id.is_in(ids)).all(&store.reader).await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.username)).collect())
}
