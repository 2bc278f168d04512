//! Accounts, a page at a time, in the order they were made in.

use serde::Deserialize;
use uuid::Uuid;

use crate::{
    domain::{
        email::EmailAddress,
        page::{Page, PageRequest},
        user::User,
        username::Username,
    },
    store::{
        Error, Store,
        page::{self, Listing},
        time,
    },
};

const LISTING: Listing<'static> = Listing {
    table: "accounts",
    columns: &["username", "username_key", "email", "email_key", "disabled_at", "created_at", "last_sign_in_at"],
    scope: None,
};

/// A row of the listing: `id`, then its columns in their order.
#[derive(Deserialize)]
struct Row {
    id: Uuid,
    username: String,
    username_key: String,
    email: Option<String>,
    email_key: Option<String>,
    disabled_at: Option<i64>,
    created_at: i64,
    last_sign_in_at: Option<i64>,
}

impl From<Row> for User {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            username: Username::from_stored(row.username, row.username_key),
            email: row.email.zip(row.email_key).map(|(address, key)| EmailAddress::from_stored(address, key)),
            disabled_at: row.disabled_at.map(time::from_millis),
            created_at: time::from_millis(row.created_at),
            last_sign_in_at: row.last_sign_in_at.map(time::from_millis),
        }
    }
}

/// The part of all accounts that is asked for.
///
/// # Errors
///
/// Where the database fails.
pub async fn list(store: &Store, request: PageRequest) -> Result<Page<User>, Error> {
    let page = page::fetch(store, &LISTING, Vec::new(), request, |row: &Row| row.id).await?;
    Ok(page.map(User::from))
}
