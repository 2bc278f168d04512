//! The schema audit: faults that a compiling schema can have, each in a schema of its own.

use async_graphql::{EmptyMutation, EmptySubscription, Interface, Object, ObjectType, Schema, SimpleObject};
use fieldguard::{
    api::CONVENTIONS,
    domain::rule::Rule,
    guard::{
        directive::{Auth, Public},
        registry::{self, Fault},
    },
    guarded,
};

use super::{BOOKS_LEND, BOOKS_READ, LIBRARIAN, introspection};

fn faults<Q: ObjectType + 'static>(query: Q) -> Vec<Fault> {
    let builder = registry::complete(Schema::build(query, EmptyMutation, EmptySubscription), &CONVENTIONS);
    registry::inspect(builder, |registry| registry::audit(registry, &CONVENTIONS)).1
}

/// A root with one public field.
macro_rules! root {
    ($name:ident, $ty:ty, $value:expr) => {
        struct $name;

        #[guarded(public)]
        #[Object(name = "Query")]
        impl $name {
            async fn it(&self) -> Option<$ty> {
                Some($value)
            }
        }
    };
}

#[test]
fn valid_schema_has_no_fault() {
    assert_eq!(registry::inspect(introspection::builder(), |registry| registry::audit(registry, &CONVENTIONS)).1, []);
}

#[derive(SimpleObject)]
struct Plain {
    bare: i32,
    #[graphql(directive = Auth::apply(&Rule::SIGNED_IN))]
    claimed: Option<i32>,
    #[graphql(directive = Public::apply())]
    open: i32,
}

root!(PlainRoot, Plain, Plain { bare: 1, claimed: None, open: 3 });

#[test]
fn missing_or_unenforced_rule_is_a_fault() {
    assert_eq!(
        faults(PlainRoot),
        [Fault::Unruled("Plain.bare".to_owned()), Fault::Unchecked("Plain.claimed".to_owned())]
    );
}

struct Firm;

#[guarded]
#[Object]
impl Firm {
    #[public]
    async fn open(&self) -> i32 {
        1
    }

    #[requires(signed_in)]
    async fn hard(&self) -> i32 {
        1
    }
}

root!(FirmRoot, Firm, Firm);

#[test]
fn non_null_field_with_a_rule_is_a_fault() {
    assert_eq!(faults(FirmRoot), [Fault::NonNull("Firm.hard".to_owned())]);
}

struct Hidden;
struct Reached;

#[guarded(permission = BOOKS_READ)]
#[Object]
impl Hidden {
    async fn secret(&self) -> Option<i32> {
        Some(1)
    }
}

root!(HiddenRoot, Hidden, Hidden);

#[guarded(public)]
#[Object(name = "Query")]
impl Reached {
    async fn open(&self) -> i32 {
        1
    }

    #[requires(permission = BOOKS_READ)]
    async fn with_it(&self) -> Option<Hidden> {
        Some(Hidden)
    }

    #[requires(role = "admin")]
    async fn as_admin(&self) -> Option<Hidden> {
        Some(Hidden)
    }
}

struct Astray;

#[guarded(public)]
#[Object(name = "Query")]
impl Astray {
    async fn open(&self) -> i32 {
        1
    }

    #[requires(permission = BOOKS_READ)]
    async fn with_it(&self) -> Option<Hidden> {
        Some(Hidden)
    }

    #[requires(permission = BOOKS_LEND)]
    async fn with_another(&self) -> Option<Hidden> {
        Some(Hidden)
    }
}

#[test]
fn type_that_a_caller_sees_without_fields_is_a_fault() {
    assert_eq!(faults(HiddenRoot), [Fault::Empty("Hidden".to_owned())]);
    assert_eq!(faults(Reached), []);
    assert_eq!(faults(Astray), [Fault::Empty("Hidden".to_owned())]);
}

struct Left;
struct Right;

#[guarded]
#[Object]
impl Left {
    #[public]
    async fn open(&self) -> i32 {
        1
    }

    #[requires(permission = BOOKS_READ)]
    async fn held(&self) -> Option<i32> {
        Some(1)
    }

    #[requires(signed_in)]
    async fn listed(&self) -> Option<i32> {
        Some(1)
    }
}

#[guarded]
#[Object]
impl Right {
    #[public]
    async fn open(&self) -> i32 {
        1
    }

    #[requires(role = LIBRARIAN)]
    async fn held(&self) -> Option<i32> {
        Some(1)
    }

    #[requires(role = LIBRARIAN)]
    async fn listed(&self) -> Option<i32> {
        Some(1)
    }
}

type Answer = Option<Result<i32, async_graphql::Error>>;

#[derive(Interface)]
#[graphql(field(name = "open", ty = "i32"), field(name = "held", ty = "Answer"))]
enum Unlike {
    Left(Left),
    Right(Right),
}

root!(UnlikeRoot, Unlike, Unlike::Left(Left));

#[derive(Interface)]
#[graphql(
    field(name = "open", ty = "i32", directive = "Public::apply()"),
    field(name = "listed", ty = "Answer", directive = "Public::apply()")
)]
#[expect(clippy::duplicated_attributes, reason = "each field of the interface has its own directive")]
enum Wide {
    Left(Left),
    Right(Right),
}

root!(WideRoot, Wide, Wide::Right(Right));

#[test]
fn interface_field_with_a_wider_rule_than_its_implementers_is_a_fault() {
    let wider = |coordinate: &str| {
        Fault::Wider(coordinate.to_owned(), coordinate.replace("Unlike", "Left").replace("Wide", "Left"))
    };
    let right = |coordinate: &str| {
        Fault::Wider(coordinate.to_owned(), coordinate.replace("Unlike", "Right").replace("Wide", "Right"))
    };
    assert_eq!(
        faults(UnlikeRoot),
        [Fault::Unruled("Unlike.held".to_owned()), wider("Unlike.held"), right("Unlike.held")]
    );
    assert_eq!(faults(WideRoot), [wider("Wide.listed"), right("Wide.listed")]);
}
