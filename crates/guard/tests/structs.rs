//! Rules on the fields of structs, including generic ones.

use async_graphql::{EmptyMutation, EmptySubscription, Object, OutputType, Request, Schema, SimpleObject, TypeName};
use fieldguard_guard::{
    Owned,
    caller::Caller,
    conventions::Conventions,
    guarded,
    policy::{Principal, permission::Permission},
    registry, restore_paths,
};
use serde_json::{Value, json};

const READ: Permission = Permission::new("receipts:read", "Read every receipt.");

#[derive(Debug, Clone, Copy)]
struct Payer(u32);

impl Principal for Payer {
    fn has_role(&self, _name: &str) -> bool {
        false
    }

    fn can(&self, _permission: Permission) -> bool {
        false
    }

    fn has_session(&self) -> bool {
        true
    }
}

/// A receipt.
#[guarded]
#[derive(Debug, Clone, SimpleObject)]
#[graphql(name = "PaidReceipt")]
struct Receipt {
    /// The number printed on it.
    #[public]
    number: u32,
    /// Who paid.
    #[requires(permission = READ, or_self)]
    payer: Option<u32>,
    #[requires(signed_in)]
    #[graphql(name = "remark", deprecation = "Read `number`.")]
    note: Option<String>,
    #[graphql(skip)]
    owner: u32,
}

impl Owned for Receipt {
    type Principal = Payer;

    fn is_owned_by(&self, caller: Option<&Payer>) -> bool {
        caller.is_some_and(|payer| payer.0 == self.owner)
    }
}

/// A part of a list.
#[guarded(public)]
#[derive(SimpleObject)]
#[graphql(name_type)]
struct Part<T: OutputType> {
    /// The things in it.
    nodes: Vec<T>,
    /// How many there are.
    total: u64,
}

impl<T: OutputType> TypeName for Part<T> {
    fn type_name() -> std::borrow::Cow<'static, str> {
        format!("{}Part", T::type_name()).into()
    }
}

struct Query;

#[guarded(public)]
#[Object]
impl Query {
    async fn receipts(&self) -> Part<Receipt> {
        let receipt = |owner| Receipt { number: owner, payer: Some(owner), note: Some("paid".to_owned()), owner };
        Part { nodes: vec![receipt(1), receipt(2)], total: 2 }
    }
}

async fn ask(caller: Caller) -> Value {
    let schema = registry::complete(Schema::build(Query, EmptyMutation, EmptySubscription), &Conventions::PLAIN);
    let (schema, faults) = registry::inspect(schema, |registry| registry::audit(registry, &Conventions::PLAIN));
    assert_eq!(faults, []);
    let schema = schema.finish();
    assert!(schema.sdl().contains("payer: Int @auth(permission: \"receipts:read\", orSelf: true)"), "{}", schema.sdl());
    let document = "{ receipts { total nodes { number payer remark } } }";
    let mut response = schema.execute(Request::new(document).data(caller)).await;
    restore_paths(&mut response.errors);
    serde_json::to_value(response).expect("an answer serializes to JSON")
}

#[tokio::test]
async fn struct_fields_enforce_their_rules() {
    let answer = ask(Caller::from(Payer(1))).await;
    let nodes = json!([
        { "number": 1, "payer": 1, "remark": "paid" },
        { "number": 2, "payer": null, "remark": "paid" },
    ]);
    assert_eq!(answer["data"], json!({ "receipts": { "total": 2, "nodes": nodes } }));
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1));
    assert_eq!(answer["errors"][0]["extensions"]["coordinate"], "PaidReceipt.payer");
    assert_eq!(answer["errors"][0]["path"], json!(["receipts", "nodes", 1, "payer"]));
    let anonymous = ask(Caller::default()).await;
    assert_eq!(anonymous["errors"].as_array().map(Vec::len), Some(4));
}
