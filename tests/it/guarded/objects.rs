//! Rules on fields of plain objects: which callers they allow, and what a denial says.

use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
use fieldguard::{
    domain::{id::UserId, principal::Principal},
    guard::Owned,
    guarded,
};
use serde_json::{Value, json};

use super::{BOOKS_LEND, BOOKS_READ, LIBRARIAN, ask, data, errors, principal_with, reader, refused};

struct Query {
    owner: Principal,
}

struct Card {
    owner: UserId,
}

impl Owned for Card {
    type Principal = Principal;

    fn is_owned_by(&self, caller: Option<&Principal>) -> bool {
        caller.is_some_and(|caller| caller.is(self.owner))
    }
}

#[guarded]
#[Object]
impl Query {
    #[public]
    async fn open(&self) -> i32 {
        1
    }

    #[requires(signed_in)]
    async fn member(&self) -> Option<i32> {
        Some(2)
    }

    #[requires(role = LIBRARIAN)]
    async fn shelf(&self) -> Option<i32> {
        Some(3)
    }

    #[requires(permission = BOOKS_READ)]
    async fn book(&self) -> Option<i32> {
        Some(4)
    }

    #[requires(role = LIBRARIAN, permission = BOOKS_READ)]
    async fn both(&self) -> Option<i32> {
        Some(5)
    }

    #[public]
    async fn card(&self) -> Card {
        Card { owner: self.owner.user() }
    }

    #[public]
    async fn vault(&self) -> Vault {
        Vault
    }
}

#[guarded]
#[Object]
impl Card {
    #[requires(permission = BOOKS_READ, or_self)]
    async fn number(&self) -> Option<i32> {
        Some(6)
    }

    #[requires(role = LIBRARIAN, or_self)]
    fn note(&self) -> Option<i32> {
        Some(7)
    }
}

struct Vault;

impl Owned for Vault {
    type Principal = Principal;

    fn is_owned_by(&self, _: Option<&Principal>) -> bool {
        true
    }
}

#[guarded(permission = BOOKS_READ)]
#[Object]
impl Vault {
    async fn inherited(&self) -> Option<i32> {
        Some(8)
    }

    #[public]
    async fn opened(&self) -> Option<i32> {
        Some(9)
    }

    #[requires(role = LIBRARIAN)]
    async fn with_role(&self) -> Option<i32> {
        Some(10)
    }

    #[requires(permission = BOOKS_LEND)]
    async fn with_permission(&self) -> Option<i32> {
        Some(11)
    }

    #[requires(permission = BOOKS_LEND, or_self)]
    async fn with_owner(&self) -> Option<i32> {
        Some(12)
    }
}

type Toy = Schema<Query, EmptyMutation, EmptySubscription>;

fn schema(owner: &Principal) -> Toy {
    Schema::new(Query { owner: owner.clone() }, EmptyMutation, EmptySubscription)
}

#[tokio::test]
async fn rule_allows_exactly_the_callers_that_satisfy_it() {
    let schema = schema(&reader());
    let document = "{ open member shelf book both }";
    let (librarian, clerk) = (principal_with(&[LIBRARIAN], &[]), principal_with(&["clerk"], &[BOOKS_READ]));
    let (full, admin) = (principal_with(&[LIBRARIAN], &[BOOKS_READ]), principal_with(&["admin"], &[]));
    for (caller, expected, code, denials) in [
        (
            None,
            json!({"open": 1, "member": null, "shelf": null, "book": null, "both": null}),
            "UNAUTHENTICATED",
            vec!["member", "shelf", "book", "both"],
        ),
        (
            Some(reader()),
            json!({"open": 1, "member": 2, "shelf": null, "book": null, "both": null}),
            "FORBIDDEN",
            vec!["shelf", "book", "both"],
        ),
        (
            Some(librarian),
            json!({"open": 1, "member": 2, "shelf": 3, "book": null, "both": null}),
            "FORBIDDEN",
            vec!["book", "both"],
        ),
        (
            Some(clerk),
            json!({"open": 1, "member": 2, "shelf": null, "book": 4, "both": null}),
            "FORBIDDEN",
            vec!["shelf", "both"],
        ),
        (Some(full), json!({"open": 1, "member": 2, "shelf": 3, "book": 4, "both": 5}), "", vec![]),
        (
            Some(admin),
            json!({"open": 1, "member": 2, "shelf": null, "book": 4, "both": null}),
            "FORBIDDEN",
            vec!["shelf", "both"],
        ),
    ] {
        let answer = ask(&schema, document, caller.as_ref()).await;
        assert_eq!(answer["data"], expected, "{caller:?}");
        assert_eq!(errors(&answer), refused(code, &denials), "{caller:?}");
    }
}

#[tokio::test]
async fn request_without_a_caller_is_anonymous() {
    let answer = schema(&reader()).execute("{ open member }").await;
    assert_eq!(answer.data.to_string(), "{open: 1, member: null}");
    assert_eq!(answer.errors.len(), 1);
}

#[tokio::test]
async fn owner_is_allowed_where_others_need_a_permission() {
    let owner = reader();
    let schema = schema(&owner);
    let document = "{ card { number note } }";
    assert_eq!(data(&ask(&schema, document, Some(&owner)).await), &json!({"card": {"number": 6, "note": 7}}));
    let stranger = ask(&schema, document, Some(&reader())).await;
    assert_eq!(stranger["data"], json!({"card": {"number": null, "note": null}}));
    assert_eq!(errors(&stranger), refused("FORBIDDEN", &["card.number", "card.note"]));
    let anonymous = ask(&schema, document, None).await;
    assert_eq!(errors(&anonymous), refused("UNAUTHENTICATED", &["card.number", "card.note"]));
}

#[tokio::test]
async fn rules_of_type_and_field_must_both_be_satisfied() {
    let schema = schema(&reader());
    let document = "{ vault { inherited opened withRole withPermission withOwner } }";
    for (roles, permissions, expected) in [
        (vec!["user"], vec![BOOKS_LEND], json!([null, null, null, null, null])),
        (vec![LIBRARIAN], vec![], json!([null, null, null, null, null])),
        (vec!["user"], vec![BOOKS_READ], json!([8, 9, null, null, 12])),
        (vec![LIBRARIAN], vec![BOOKS_READ], json!([8, 9, 10, null, 12])),
        (vec!["user"], vec![BOOKS_READ, BOOKS_LEND], json!([8, 9, null, 11, 12])),
    ] {
        let answer = ask(&schema, document, Some(&principal_with(&roles, &permissions))).await;
        let vault = &answer["data"]["vault"];
        let names = ["inherited", "opened", "withRole", "withPermission", "withOwner"];
        assert_eq!(json!(names.map(|name| vault[name].clone())), expected, "{roles:?} {permissions:?}");
    }
}

#[tokio::test]
async fn denial_names_the_coordinate_and_its_requirement() {
    let schema = schema(&reader());
    let document = "{ member shelf book both card { number } vault { withPermission withOwner } }";
    let answer = ask(&schema, document, Some(&principal_with(&["user"], &[BOOKS_READ]))).await;
    let reports: Vec<_> = answer["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["message"].as_str().unwrap(), error["extensions"].clone()))
        .collect();
    let refused = |coordinate: &str, reason: &str, requires: Value| json!({ "code": "FORBIDDEN", "coordinate": coordinate, "reason": reason, "requires": requires });
    let lend = refused("Vault.withPermission", "MISSING_PERMISSION", json!({"permission": "books:lend"}));
    let shelf = refused("Query.shelf", "MISSING_ROLE", json!({"role": "librarian"}));
    let both = refused("Query.both", "MISSING_ROLE", json!({"role": "librarian", "permission": "books:read"}));
    assert_eq!(
        reports,
        [
            ("`Query.shelf` requires the role `librarian`.", shelf),
            ("`Query.both` requires the role `librarian` and the permission `books:read`.", both),
            ("`Vault.withPermission` requires the permission `books:lend`.", lend),
        ]
    );
    let answer = ask(&schema, "{ card { number } member }", None).await;
    let errors = &answer["errors"];
    assert_eq!(errors[0]["message"], "`Card.number` requires the permission `books:read`, or ownership.");
    assert_eq!(errors[0]["extensions"]["requires"], json!({"permission": "books:read", "orSelf": true}));
    assert_eq!(errors[1]["message"], "`Query.member` requires a signed-in caller.");
    assert_eq!(errors[1]["extensions"]["requires"], json!({"signedIn": true}));
}
