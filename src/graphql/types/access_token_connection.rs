//! `AccessTokenConnection`: part of the list of personal access tokens of an account, in Relay's form.

use async_graphql::{Context, Object};
use fieldguard_guard::{
    guarded,
    owner::{Owner, Ownership},
    resolution::Objects,
};

use super::{access_token::AccessToken, access_token_edge::AccessTokenEdge, page_info::PageInfo};
use crate::{
    domain::{access_token, page::Page},
    graphql::services::accounts,
};

/// Part of the list of personal access tokens of an account, the newest first.
pub struct AccessTokenConnection {
    page: Page<access_token::AccessToken>,
    handed_to_owner: bool,
}

impl AccessTokenConnection {
    /// What the cursors of this list are sealed with, so that no other list takes them.
    pub const LIST: &str = "accessTokens";

    /// The connection that shows this page, to the account's owner or to whoever asks.
    #[must_use]
    pub const fn new(page: Page<access_token::AccessToken>, handed_to_owner: bool) -> Self {
        Self { page, handed_to_owner }
    }
}

fn cursor(ctx: &Context<'_>, item: &access_token::AccessToken) -> String {
    accounts(ctx).cursor(AccessTokenConnection::LIST, item.id.uuid())
}

/// Part of the list of personal access tokens of an account, the newest first.
#[guarded(public)]
#[Object]
impl AccessTokenConnection {
    /// The tokens of this page, each with its cursor.
    #[graphql(directive = Owner::apply(Ownership::Parent))]
    async fn edges(&self, ctx: &Context<'_>) -> Objects<AccessTokenEdge> {
        let edge = |item: &access_token::AccessToken| AccessTokenEdge {
            cursor: cursor(ctx, item),
            node: AccessToken::new(item.clone(), self.handed_to_owner),
        };
        Objects(self.page.items.iter().map(edge).collect())
    }

    /// Where this page stands in the list.
    async fn page_info(&self, ctx: &Context<'_>) -> PageInfo {
        PageInfo {
            has_next: self.page.has_next,
            has_previous: self.page.has_previous,
            start: self.page.items.first().map(|it| cursor(ctx, it)),
            end: self.page.items.last().map(|it| cursor(ctx, it)),
        }
    }
}
