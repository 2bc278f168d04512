//! What anyone may use, signed in or not.

use async_graphql::{Context, Object};

use super::{
    error::ApiError,
    services::{accounts, client, settings},
    types::{
        auth_payload::AuthPayload, login_input::LoginInput, register_input::RegisterInput, server_info::ServerInfo,
    },
};
use crate::guarded;

/// Queries for everyone.
#[derive(Default)]
pub struct PublicQuery;

#[guarded(public)]
#[Object]
impl PublicQuery {
    /// What a client needs to know of this server before anyone signs in: version, limits, password rules.
    async fn server_info(&self, ctx: &Context<'_>) -> ServerInfo {
        ServerInfo::from(settings(ctx))
    }
}

/// Mutations for everyone.
#[derive(Default)]
pub struct PublicMutation;

#[guarded(public)]
#[Object]
impl PublicMutation {
    /// Makes an account and signs it in. The account gets the role `user`; further roles are given by administrators.
    async fn register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who wants an account.")] input: RegisterInput,
    ) -> Result<Option<AuthPayload>, ApiError> {
        let sign_in = accounts(ctx).register(input.into(), client(ctx)).await?;
        Ok(Some(sign_in.into()))
    }

    /// Signs in. Unknown names, wrong passwords and disabled accounts are refused alike, with `INVALID_CREDENTIALS`.
    async fn login(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who signs in.")] input: LoginInput,
    ) -> Result<Option<AuthPayload>, ApiError> {
        let sign_in = accounts(ctx).login(&input.username, input.password, client(ctx)).await?;
        Ok(Some(sign_in.into()))
    }
}
