//! `AccessTokenConnection`: part of the list of personal access tokens of an account, in Relay's form.

use async_graphql::{Context, Object};

use super::{access_token::AccessToken, access_token_edge::AccessTokenEdge, page_info::PageInfo};
use crate::{
    domain::{access_token, page::Page},
    graphql::{resolution::Objects, services::accounts},
    guarded,
};

/// Part of the list of personal access tokens of an account, the newest first.
pub struct AccessTokenConnection(Page<access_token::AccessToken>);

impl AccessTokenConnection {
    /// What the cursors of this list are sealed with, so that no other list takes them.
    pub const LIST: &str = "accessTokens";

    /// The connection that shows this page.
    #[must_use]
    pub fn new(page: Page<access_token::AccessToken>) -> Self {
        Self(page)
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
    async fn edges(&self, ctx: &Context<'_>) -> Objects<AccessTokenEdge> {
        let edge = |item: &access_token::AccessToken| AccessTokenEdge {
            cursor: cursor(ctx, item),
            node: AccessToken::from(item.clone()),
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
