//! The faults a schema can have though it compiles, each in a schema that has no other.

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
fn a_sound_schema_has_none() {
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
fn a_field_without_a_rule_or_with_one_that_nothing_enforces() {
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
fn a_field_that_can_be_refused_and_is_non_null() {
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
fn a_type_that_some_caller_is_shown_without_a_field() {
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
fn an_interface_that_shows_more_than_what_is_behind_it() {
    let wider = |it: &str| Fault::Wider(it.to_owned(), it.replace("Unlike", "Left").replace("Wide", "Left"));
    let right = |it: &str| Fault::Wider(it.to_owned(), it.replace("Unlike", "Right").replace("Wide", "Right"));
    assert_eq!(
        faults(UnlikeRoot),
        [Fault::Unruled("Unlike.held".to_owned()), wider("Unlike.held"), right("Unlike.held")]
    );
    assert_eq!(faults(WideRoot), [wider("Wide.listed"), right("Wide.listed")]);
}
