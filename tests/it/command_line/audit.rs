//! `fieldguard audit tail|verify`, and the audit log after `kill -9`.

use fieldguard_test_macros::on_each_database;
use futures_util::{StreamExt as _, stream};
use sea_orm::{ConnectionTrait as _, Database};
use serde_json::{Value, json};

use super::program::{Program, each};
use crate::actor::PASSWORD;

async fn execute(program: &Program, sql: &str) {
    let url = program.database_url();
    let database = Database::connect(url).await.unwrap();
    database.execute_unprepared(sql).await.unwrap();
    database.close().await.unwrap();
}

#[on_each_database]
async fn verify_reports_whether_the_log_is_whole() {
    each(async |program| {
        program.run_with(&["admin", "create", "ada", "--password-stdin"], PASSWORD).ok();
        let out = program.run(&["audit", "verify"]).ok();
        assert!(out.starts_with("The audit log is whole: 2 events.\n"), "{out}");
        let noted = out.split("--expect ").nth(1).unwrap().trim().to_owned();
        program.run(&["audit", "verify", "--expect", &noted]).ok();
        let other = format!("2:{}", "0".repeat(64));
        assert_eq!(program.run(&["audit", "verify", "--expect", &other]).code, Some(1));
        assert_eq!(program.run(&["audit", "verify", "--expect", "2"]).code, Some(2));
        execute(&program, "UPDATE audit_events SET occurred_at = occurred_at + 1 WHERE sequence = 2").await;
        let ended = program.run(&["audit", "verify"]);
        assert_eq!(ended.code, Some(1));
        assert!(ended.err.contains("event 2 was changed"), "{ended:?}");
    })
    .await;
}

#[on_each_database]
async fn tail_prints_the_newest_events() {
    each(async |program| {
        program.run_with(&["admin", "create", "ada", "--password-stdin"], PASSWORD).ok();
        program.run(&["keys", "rotate"]).ok();
        let json: Value = serde_json::from_str(&program.run(&["audit", "tail", "--format", "json"]).ok()).unwrap();
        let actions: Vec<_> =
            json.as_array().unwrap().iter().map(|event| (&event["action"], &event["actor"])).collect();
        assert_eq!(
            actions,
            [
                (&json!("key-rotated"), &json!("server")),
                (&json!("user-created"), &json!("operator")),
                (&json!("key-rotated"), &json!("operator"))
            ]
        );
        assert_eq!(json[1]["after"], json!({ "roles": ["admin", "user"] }));
        let table = program.run(&["audit", "tail", "-n", "1"]).ok();
        assert_eq!(table.lines().count(), 1);
        assert!(table.contains("key-rotated") && table.contains("operator"), "{table}");
    })
    .await;
}

/// Every answered request is recorded, however the server stops.
#[on_each_database]
async fn kill_loses_no_acknowledged_event() {
    each(async |program| {
        program.run_with(&["admin", "create", "ada", "--password-stdin"], PASSWORD).ok();
        let mut acknowledged = Vec::new();
        for _ in 0..3 {
            let server = program.serve();
            let ada = server.anonymous().login("ada").await;
            let (http, url, token) = (reqwest::Client::new(), server.url("/graphql"), ada.token.clone().unwrap());
            server.anonymous().gql(&format!("mutation {{ register(input: {{ username: \"user{}\", password: \"{PASSWORD}\" }}) {{ user {{ id }} }} }}", acknowledged.len())).await;
            let ask = || {
                let (http, url, token) = (http.clone(), url.clone(), token.clone());
                async move {
                    let body = json!({ "query": "{ users { edges { node { email } } } }" });
                    let response = http.post(url).bearer_auth(token).json(&body).send().await.ok()?;
                    let id = response.headers().get("x-request-id")?.to_str().ok()?.to_owned();
                    let answer = response.json::<Value>().await.ok()?;
                    answer["data"]["users"].is_object().then_some(id)
                }
            };
            let mut answers = stream::iter((0..200).map(|_| ask())).buffer_unordered(16);
            let mut mine = Vec::new();
            while mine.len() < 40 {
                mine.extend(answers.next().await.expect("the server answers enough requests"));
            }
            server.kill();
            mine.extend(answers.filter_map(std::future::ready).collect::<Vec<_>>().await);
            acknowledged.extend(mine);
        }
        let out = program.run(&["audit", "tail", "-n", "100000", "--format", "json"]).ok();
        for id in &acknowledged {
            assert!(out.contains(id.as_str()), "the request {id} was answered and is not in the audit log");
        }
        program.run(&["audit", "verify"]).ok();
    })
    .await;
}

#[on_each_database]
async fn tail_shows_names_beside_ids() {
    each(async |program| {
        program.run_with(&["admin", "create", "ada", "--password-stdin"], PASSWORD).ok();
        program.run(&["users", "disable", "ada"]);
        let json: Value = serde_json::from_str(&program.run(&["audit", "tail", "--format", "json"]).ok()).unwrap();
        let made = json.as_array().unwrap().iter().find(|event| event["action"] == "user-created").unwrap();
        assert_eq!((&made["targetName"], &made["actorName"]), (&json!("ada"), &Value::Null));
        let id = made["targetId"].as_str().unwrap();
        let table = program.run(&["audit", "tail"]).ok();
        assert!(table.contains(&format!("{id} ada")), "{table}");
        execute(&program, "DELETE FROM accounts").await;
        let table = program.run(&["audit", "tail"]).ok();
        assert!(table.contains(id) && !table.contains(&format!("{id} ada")), "{table}");
    })
    .await;
}
