//! Roles that include other roles: access tokens, the access table and `viewAs` follow the inclusion.

use fieldguard::{app::commands::Program, domain::session::Client};
use fieldguard_test_macros::on_each_database;
use serde_json::json;

use super::{holder, made};
use crate::app::each;

#[on_each_database]
async fn access_table_tokens_and_view_as_follow_included_roles() {
    each(async |server| {
        let ada = server.admin().await;
        made(&ada, json!({ "name": "desk", "permissions": ["users:read"] })).await;
        made(&ada, json!({ "name": "lead", "includes": ["desk"] })).await;
        let accounts = server.app.accounts();
        let table = Program::builtin().access_table(&accounts.roles().await.unwrap()).to_string();
        let mut lines = table.lines();
        let names: Vec<_> = lines.next().unwrap().split_whitespace().skip(2).collect();
        assert_eq!(names, ["anonymous", "admin", "desk", "lead", "user"]);
        let users = lines.find(|line| line.starts_with("Query.users ")).unwrap();
        let cells: Vec<_> = users.split_whitespace().rev().take(5).collect();
        assert_eq!(cells, ["DENIED", "ALLOWED", "ALLOWED", "ALLOWED", "DENIED"]);

        let lea = holder(server, &ada, "lea", &["lead"]).await;
        let document = "{ __type(name: \"Query\") { fields { name } } }";
        let own = lea.gql(document).await.ok().json;
        let viewed = ada.send(&json!({ "query": document, "extensions": { "viewAs": "lead" } })).await.ok().json;
        assert_eq!(viewed, own);
        assert!(own.to_string().contains("\"users\""), "{own}");

        let document = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
        let input = json!({ "input": { "username": "lea", "password": crate::actor::PASSWORD } });
        let answer = server.anonymous().gql_with(document, input).await.ok();
        let token = answer.at("/data/login/accessToken").as_str().unwrap();
        let caller = accounts.identify(token, &Client::default()).await.unwrap();
        assert!(caller.has_role("desk") && caller.has_role("lead") && !caller.has_role("user"));
    })
    .await;
}
