//! What everyone who is signed in may use, on what is his own.

use async_graphql::{Context, ID, Object};

use super::{
    error::ApiError,
    services::{accounts, principal},
    types::{
        change_password_input::ChangePasswordInput, change_password_payload::ChangePasswordPayload,
        delete_account_payload::DeleteAccountPayload, node::Node, update_profile_input::UpdateProfileInput,
        update_profile_payload::UpdateProfilePayload, user::User,
    },
};
use crate::guarded;

/// Queries for people who are signed in.
#[derive(Default)]
pub struct ViewerQuery;

#[guarded(signed_in)]
#[Object]
impl ViewerQuery {
    /// The account that is signed in.
    #[requires(signed_in)]
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<User>, ApiError> {
        Ok(accounts(ctx).user(principal(ctx)?.user()).await?.map(User::from))
    }

    /// The thing of that `id`, where the caller may see it: one's own account, any account for holders of `users:read`, a
    /// role for holders of `roles:read`. What does not exist and what may not be seen are both null.
    #[requires(signed_in)]
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of the thing.")] id: ID,
    ) -> Result<Option<Node>, ApiError> {
        Node::find(accounts(ctx), principal(ctx)?, &id).await
    }
}

/// Mutations for people who are signed in.
#[derive(Default)]
pub struct ViewerMutation;

#[guarded(signed_in)]
#[Object]
impl ViewerMutation {
    /// Changes one's own name or email address. What is absent from the input stays as it is.
    async fn update_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change.")] input: UpdateProfileInput,
    ) -> Result<Option<UpdateProfilePayload>, ApiError> {
        let user = accounts(ctx).update_profile(principal(ctx)?, input.into()).await?;
        Ok(Some(UpdateProfilePayload { user: user.into() }))
    }

    /// Sets a new password, given the current one. All other sessions of the account end.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The old password and the new one.")] input: ChangePasswordInput,
    ) -> Result<Option<ChangePasswordPayload>, ApiError> {
        let (user, ended) =
            accounts(ctx).change_password(principal(ctx)?, input.current_password, input.new_password).await?;
        Ok(Some(ChangePasswordPayload { user: user.into(), sessions_ended: ended }))
    }

    /// Deletes one's own account, at once and for good. The last enabled administrator cannot.
    async fn delete_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account's password.", secret)] password: String,
    ) -> Result<Option<DeleteAccountPayload>, ApiError> {
        let id = accounts(ctx).delete_account(principal(ctx)?, password).await?;
        Ok(Some(DeleteAccountPayload { user_id: id }))
    }
}
