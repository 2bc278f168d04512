//! `PersonalDataAccessConnection`: part of the list of accesses to personal data of an account, in Relay's form.

use async_graphql::{Context, Object};
use fieldguard_guard::{guarded, resolution::Objects};

use super::{
    page_info::PageInfo, personal_data_access::PersonalDataAccess, personal_data_access_edge::PersonalDataAccessEdge,
};
use crate::{
    domain::{audit, page::Page},
    graphql::services::accounts,
};

/// Part of the list of accesses to personal data of an account, the newest first.
pub struct PersonalDataAccessConnection(Page<audit::Access>);

impl PersonalDataAccessConnection {
    /// What the cursors of this list are sealed with, so that no other list takes them.
    pub const LIST: &str = "accessedBy";

    /// The connection that shows this page.
    #[must_use]
    pub fn new(page: Page<audit::Access>) -> Self {
        Self(page)
    }
}

fn cursor(ctx: &Context<'_>, item: &audit::Access) -> String {
    accounts(ctx).cursor(PersonalDataAccessConnection::LIST, item.id.uuid())
}

/// Part of the list of accesses to personal data of an account, the newest first.
#[guarded(public)]
#[Object]
impl PersonalDataAccessConnection {
    /// The accesses of this page, each with its cursor.
    async fn edges(&self, ctx: &Context<'_>) -> Objects<PersonalDataAccessEdge> {
        let edge = |item: &audit::Access| PersonalDataAccessEdge {
            cursor: cursor(ctx, item),
            node: PersonalDataAccess::from(item.clone()),
        };
        Objects(self.0.items.iter().map(edge).collect())
    }

    /// Where this page stands in the list.
    async fn page_info(&self, ctx: &Context<'_>) -> PageInfo {
        PageInfo {
            has_next: self.0.has_next,
            has_previous: self.0.has_previous,
            start: self.0.items.first().map(|it| cursor(ctx, it)),
            end: self.0.items.last().map(|it| cursor(ctx, it)),
        }
    }
}
