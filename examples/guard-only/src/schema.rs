//! The schema of the library, with its rules.

use async_graphql::{Context, EmptySubscription, InputObject, Object, Schema, SchemaBuilder};
use fieldguard_guard::{
    Owned,
    caller::Caller,
    conventions::Conventions,
    exposes::Exposes,
    guarded,
    owner::{Owner, Ownership},
    policy::permission::Permission,
};

use crate::member::Member;

/// Read the loans of every member.
pub const LOANS_READ: Permission = Permission::new("loans:read", "Read the loans of every member.");
/// Renew the loans of every member.
pub const LOANS_WRITE: Permission = Permission::new("loans:write", "Renew the loans of every member.");

/// How this server words its rules.
pub const CONVENTIONS: Conventions =
    Conventions { ownership: "being the borrower", signed_in: "a member's card", ..Conventions::PLAIN };

/// A lent book.
#[derive(Debug, Clone, Copy)]
pub struct Loan {
    title: &'static str,
    borrower: u32,
    due: &'static str,
}

const LOANS: [Loan; 3] = [
    Loan { title: "The Left Hand of Darkness", borrower: 1, due: "2027-01-10" },
    Loan { title: "Middlemarch", borrower: 1, due: "2027-01-24" },
    Loan { title: "Pale Fire", borrower: 2, due: "2027-01-17" },
];

impl Owned for Loan {
    type Principal = Member;

    fn is_owned_by(&self, caller: Option<&Member>) -> bool {
        caller.is_some_and(|member| member.number == self.borrower)
    }
}

/// A lent book.
#[guarded]
#[Object]
impl Loan {
    /// The title of the book.
    #[public]
    async fn title(&self) -> &str {
        self.title
    }

    /// The number of the member who has the book.
    #[requires(permission = LOANS_READ, or_self)]
    async fn borrower(&self) -> Option<u32> {
        Some(self.borrower)
    }

    /// The last day of the loan, as `2027-01-10`.
    #[requires(permission = LOANS_READ, or_self)]
    async fn due(&self) -> Option<&str> {
        Some(self.due)
    }
}

/// A filter of loans.
#[derive(InputObject, Default)]
pub struct LoanFilter {
    /// Part of the title.
    title: Option<String>,
    /// The number of the member who has the book.
    #[graphql(directive = Exposes::apply(&["Loan.borrower"]))]
    borrower: Option<u32>,
}

impl LoanFilter {
    fn finds(&self, loan: Loan) -> bool {
        self.title.as_deref().is_none_or(|part| loan.title.contains(part))
            && self.borrower.is_none_or(|number| number == loan.borrower)
    }
}

/// The queries of the library.
pub struct Query;

#[guarded]
#[Object]
impl Query {
    /// The lent books.
    #[public]
    async fn loans(&self, filter: Option<LoanFilter>) -> Vec<Loan> {
        let filter = filter.unwrap_or_default();
        LOANS.into_iter().filter(|loan| filter.finds(*loan)).collect()
    }

    /// The books that the caller has borrowed.
    #[requires(signed_in)]
    #[graphql(directive = Owner::apply(Ownership::Caller))]
    async fn my_loans(&self, ctx: &Context<'_>) -> Option<Vec<Loan>> {
        let member: &Member = ctx.data_opt::<Caller>()?.principal()?;
        Some(LOANS.into_iter().filter(|loan| loan.borrower == member.number).collect())
    }
}

/// The mutations of the library.
pub struct Mutation;

#[guarded]
#[Object]
impl Mutation {
    /// Renews the loan of a book. Returns the loan, or null if the book is not lent.
    #[requires(permission = LOANS_WRITE)]
    async fn renew(&self, title: String) -> Option<Loan> {
        LOANS.into_iter().find(|loan| loan.title == title).map(|loan| Loan { due: "2027-02-28", ..loan })
    }
}

/// The schema, to be completed with the conventions.
#[must_use]
pub fn schema() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query, Mutation, EmptySubscription)
}
