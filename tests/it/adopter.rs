//! An adopter's API: `examples/invoices.rs`, which adds a type, a permission and a query to Fieldguard's.

use std::net::SocketAddr;

use fieldguard::{
    accounts::clock::Clock,
    api::CONVENTIONS,
    app::{App, commands::Program},
    guard::registry,
};
use serde_json::json;
use tokio::net::TcpListener;

use crate::{
    actor::{Actor, PASSWORD},
    app::settings,
    database::Database,
};

#[expect(dead_code, reason = "the example's `main` is run by hand")]
#[path = "../../examples/invoices.rs"]
mod invoices;

const INVOICES: &str = "{ invoices { number total } }";

#[tokio::test]
async fn adopters_fields_are_served_under_their_rules() {
    let database = Database::sqlite();
    let mut config = settings();
    config.data_dir = database.directory.path().join("data");
    let app = App::open(config, invoices::catalogue(), Clock::System).await.unwrap();
    let router = app.router(invoices::schema()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    let anonymous = Actor::new(url, None);

    let refused = anonymous.gql(INVOICES).await;
    assert_eq!(refused.codes(), ["UNAUTHENTICATED"]);
    assert_eq!(refused.at("/data"), &json!({ "invoices": null }));

    let bob = anonymous.register("bob").await;
    let answer = bob.gql(INVOICES).await;
    let expected = json!([{ "number": 1, "total": 1_200 }, { "number": 2, "total": null }]);
    assert_eq!(answer.at("/data/invoices"), &expected);
    assert_eq!(answer.codes(), ["FORBIDDEN"]);
    assert_eq!(answer.at("/errors/0/path"), &json!(["invoices", 1, "total"]));
    assert_eq!(answer.at("/errors/0/extensions/coordinate"), "Invoice.total");
    assert_eq!(bob.gql("{ me { username } }").await.ok().at("/data/me/username"), "bob");

    let ada = fieldguard::accounts::register::Registration {
        username: "ada".to_owned(),
        email: None,
        password: PASSWORD.to_owned(),
    };
    app.accounts().create_admin(ada).await.unwrap();
    let ada = anonymous.login("ada").await;
    assert_eq!(ada.gql(INVOICES).await.ok().at("/data/invoices/1/total"), 3_400);
    let known = ada.gql("{ permissions { name } }").await.ok();
    assert!(known.at("/data/permissions").as_array().unwrap().contains(&json!({ "name": "invoices:read" })));
}

#[tokio::test]
async fn commands_include_the_adopters_schema_and_permissions() {
    let database = Database::sqlite();
    let mut config = settings();
    config.data_dir = database.directory.path().join("data");
    let app = App::open(config, invoices::catalogue(), Clock::System).await.unwrap();
    let mut roles = app.accounts().roles().await.unwrap();
    roles.iter_mut().find(|role| role.name.as_str() == "user").unwrap().permissions.push("invoices:read".to_owned());
    let line = |program: &Program, start: &str| {
        let table = program.access_table(&roles).to_string();
        table
            .lines()
            .find(|line| line.starts_with(start))
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let (own, builtin) = (Program::new(invoices::catalogue(), invoices::schema), Program::builtin());
    let rule = "Invoice.total @auth(permission: \"invoices:read\", orSelf: true)";
    assert_eq!(line(&own, "Invoice.total"), Some(format!("{rule} SELF ALLOWED ALLOWED")));
    assert_eq!(line(&own, "invoices:read"), None);
    let unknown = "invoices:read (not known to this program) - DENIED ALLOWED ALLOWED";
    assert_eq!(line(&builtin, "invoices:read").as_deref(), Some(unknown));
    assert!(own.schema(None).contains("invoices: [Invoice!]") && !builtin.schema(None).contains("Invoice"));
}

#[test]
fn adopters_rules_are_printed_and_listed() {
    let builder = registry::complete(invoices::schema(), &CONVENTIONS);
    let (builder, faults) = registry::inspect(builder, |registry| registry::audit(registry, &CONVENTIONS));
    assert_eq!(faults, []);
    let (builder, rows) = registry::inspect(builder, registry::rows);
    let rules = |coordinate| rows.iter().find(|row| row.coordinate == coordinate).map(|row| row.rules.len());
    assert_eq!(rules("Query.invoices"), Some(1));
    assert_eq!(rules("Invoice.total"), Some(1));
    assert_eq!(rules("Query.me"), Some(1), "Fieldguard's rules are printed, too");
    let sdl = builder.finish().sdl();
    assert!(sdl.contains(r#"total: Int @auth(permission: "invoices:read", orSelf: true)"#), "{sdl}");
    assert!(sdl.contains("invoices: [Invoice!] @auth\n"), "{sdl}");
}
