//! Your own API on Fieldguard: its accounts, sign-in and administration, plus a type and a permission of your own.
//! Settings come from the environment and `fieldguard.toml`, as for `fieldguard` itself.
//!
//!     cargo run --example invoices
//!     cargo run --example invoices -- access

use std::process::ExitCode;

use async_graphql::{Context, EmptySubscription, MergedObject, Object, Schema, SchemaBuilder};
use fieldguard::{
    accounts::clock::Clock,
    api::{Mutation, Queries, error::ApiError, services::principal},
    app::commands::{self, Program},
    cli,
    domain::{
        id::UserId,
        permission::{self, Catalogue, Permission},
        principal::Principal,
    },
    guard::Owned,
    guarded,
};

const INVOICES_READ: Permission = Permission::new("invoices:read", "Read what is to be paid on every invoice.");

/// An invoice to a customer.
pub struct Invoice {
    number: u32,
    customer: UserId,
    total: i32,
}

impl Owned for Invoice {
    type Principal = Principal;

    fn is_owned_by(&self, caller: Option<&Principal>) -> bool {
        caller.is_some_and(|caller| caller.is(self.customer))
    }
}

/// An invoice to a customer.
#[guarded]
#[Object]
impl Invoice {
    /// The number printed on the invoice.
    #[public]
    async fn number(&self) -> u32 {
        self.number
    }

    /// The amount to pay, in cents.
    #[requires(permission = INVOICES_READ, or_self)]
    async fn total(&self) -> Option<i32> {
        Some(self.total)
    }
}

/// Queries about invoices.
#[derive(Default)]
pub struct InvoiceQuery;

#[guarded(signed_in)]
#[Object]
impl InvoiceQuery {
    /// The invoices: the first is the caller's own, the second another user's.
    async fn invoices(&self, ctx: &Context<'_>) -> Result<Option<Vec<Invoice>>, ApiError> {
        let me = principal(ctx)?.user();
        let other = UserId::new(Clock::System.now());
        Ok(Some(vec![
            Invoice { number: 1, customer: me, total: 1_200 },
            Invoice { number: 2, customer: other, total: 3_400 },
        ]))
    }
}

/// The queries of this API.
#[derive(MergedObject, Default)]
pub struct Query(Queries, InvoiceQuery);

/// Fieldguard's permissions and one more. Permissions outside the catalogue cannot be granted.
#[must_use]
pub fn catalogue() -> Catalogue {
    permission::builtin().with(INVOICES_READ)
}

/// Fieldguard's schema and one more query.
#[must_use]
pub fn schema() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
}

/// Serves the API. The program has all commands of `fieldguard`, for this schema and these permissions.
#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let program = Program::new(catalogue(), schema);
    Ok(Box::pin(commands::run(cli::parse(), &program)).await?)
}
