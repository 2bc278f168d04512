//! The test walk finds the faults of a schema and nothing else.

use async_graphql::{EmptySubscription, Object, ObjectType, Schema};
use fieldguard_guard::{
    caller::Caller,
    conventions::Conventions,
    directive::Auth,
    execute::Executor,
    guarded,
    policy::{Principal, permission::Permission, rule::Rule},
    registry,
    settings::Settings,
    testing::{Report, Walk},
};

const CHIEF: Rule = Rule::SIGNED_IN.role("chief");

#[derive(Debug, Clone, Copy)]
struct Person(&'static str);

impl Principal for Person {
    fn has_role(&self, name: &str) -> bool {
        self.0 == name
    }

    fn can(&self, _permission: Permission) -> bool {
        false
    }

    fn has_session(&self) -> bool {
        true
    }
}

struct Ward(i32);

#[guarded(public)]
#[Object]
impl Ward {
    async fn number(&self) -> i32 {
        self.0
    }

    #[requires(role = "chief")]
    async fn budget(&self) -> Option<i32> {
        Some(100)
    }

    async fn next(&self, steps: i32) -> Option<Ward> {
        Some(Ward(self.0 + steps))
    }
}

struct Query;

#[guarded(public)]
#[Object]
impl Query {
    async fn wards(&self) -> Vec<Ward> {
        vec![Ward(1), Ward(2)]
    }
}

struct Mutation;

#[guarded]
#[Object]
impl Mutation {
    #[requires(role = "chief")]
    async fn close(&self) -> Option<bool> {
        Some(true)
    }
}

/// Declares rules but has no checks.
struct Open;

#[Object]
impl Open {
    #[graphql(directive = Auth::apply(&CHIEF))]
    async fn secret(&self) -> Option<i32> {
        Some(1)
    }

    #[graphql(directive = Auth::apply(&CHIEF))]
    async fn silent(&self) -> Option<i32> {
        None
    }
}

async fn walk<Q: ObjectType + 'static>(query: Q, prepare: impl FnOnce(Walk<'_>) -> Walk<'_>) -> Report {
    let schema = registry::complete(Schema::build(query, Mutation, EmptySubscription), &Conventions::PLAIN);
    let executor = Executor::new(schema, Settings::default());
    let walk = Walk::new(&executor).caller("anonymous", Caller::default()).caller("nurse", Person("nurse").into());
    prepare(walk).run().await
}

#[tokio::test]
async fn walk_of_a_guarded_schema_finds_no_faults() {
    let report =
        walk(Query, |walk| walk.caller("chief", Person("chief").into()).argument("Ward.next(steps:)", "1").mutations());
    report.await.assert_whole();
}

#[tokio::test]
async fn unreached_fields_are_reported() {
    let report = walk(Query, |walk| walk).await;
    assert_eq!(report.faults, Vec::<String>::new());
    assert_eq!(report.unreached.into_iter().collect::<Vec<_>>(), ["Ward.next"]);
}

#[tokio::test]
async fn rules_without_checks_are_reported() {
    let report = walk(Open, |walk| walk).await;
    let of = |caller: &str, field: &str| {
        report.faults.iter().filter(|fault| fault.starts_with(&format!("{caller}: `Open.{field}` "))).count()
    };
    for caller in ["anonymous", "nurse"] {
        assert_eq!((of(caller, "secret"), of(caller, "silent")), (1, 1), "{:?}", report.faults);
    }
    assert_eq!(report.faults.len(), 4);
    assert!(
        report.faults[0].contains("has a value, although the rules deny it, in query { secret }"),
        "{:?}",
        report.faults
    );
}
