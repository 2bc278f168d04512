//! `/metrics`, and the files that use its names: the dashboard, the alert rules and the reference.

use std::{collections::BTreeSet, fmt::Debug, str::FromStr};

use fieldguard_test_macros::on_each_database;

use crate::{
    actor::{Actor, client},
    app::{Server, each},
    tls,
};

const RULES: &str = include_str!("../../packaging/fieldguard.rules.yaml");
const DASHBOARD: &str = include_str!("../../packaging/grafana-dashboard.json");
const REFERENCE: &str = include_str!("../../docs/src/reference/metrics.md");

async fn page(server: &Server) -> String {
    client().get(server.url("/metrics")).send().await.unwrap().text().await.unwrap()
}

/// The value of the sample with this name and these labels.
#[track_caller]
fn sample<T: FromStr<Err: Debug>>(page: &str, name: &str) -> T {
    let value = page.lines().find_map(|line| line.strip_prefix("fieldguard_")?.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("{name}: {page}")).parse().unwrap()
}

/// A page with a sample of every metric: `denials_total` has one for each field that was denied, and
/// `keys_read_age_seconds` appears when the keys were read. `server` speaks TLS, because the expiry of its certificate is a
/// metric.
async fn complete_page(server: &Server) -> (Actor, String) {
    server.app.accounts().reload_keys().await.unwrap();
    let bob = server.user("bob").await;
    assert_eq!(bob.gql("{ users(first: 1) { totalCount } }").await.codes(), ["FORBIDDEN"]);
    let page = page(server).await;
    (bob, page)
}

/// The names that `text` uses, such as `fieldguard_sessions` in an expression.
fn names(text: &str) -> BTreeSet<&str> {
    let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
    let found = text.match_indices("fieldguard_").map(|(at, _)| {
        let rest = &text[at..];
        &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())]
    });
    found.collect()
}

/// The names of all samples.
fn samples(page: &str) -> BTreeSet<&str> {
    page.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split(['{', ' ']).next()).collect()
}

#[tokio::test]
async fn dashboard_and_alert_rules_use_samples_that_exist() {
    let (server, _files) = tls::server(|_| {}).await;
    let (_, page) = complete_page(&server).await;
    let samples = samples(&page);
    let expressions = |text: &'static str, mark: &'static str| {
        text.lines().filter_map(move |line| line.trim().strip_prefix(mark)).collect::<Vec<_>>()
    };
    let rules = expressions(RULES, "expr: ");
    let panels = expressions(DASHBOARD, "\"expr\": ");
    assert!(rules.len() >= 9 && panels.len() >= 15, "{rules:?} {panels:?}");
    for expression in rules.iter().chain(&panels) {
        let used = names(expression);
        assert!(!used.is_empty(), "{expression}");
        for name in used {
            assert!(samples.contains(name), "{name} in {expression}");
        }
    }
    for expression in rules {
        for selector in expression.split("fieldguard_").skip(1).filter(|selector| selector.contains("=\"")) {
            let (name, rest) = selector.split_once('{').unwrap();
            let label = rest.split('}').next().unwrap();
            let has_label = |line: &str| line.starts_with(&format!("fieldguard_{name}{{")) && line.contains(label);
            assert!(page.lines().any(has_label), "{name} {label}");
        }
    }
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
    assert!(dashboard["panels"].as_array().unwrap().len() >= 15);
}

#[tokio::test]
async fn reference_lists_every_metric() {
    let (server, _files) = tls::server(|_| {}).await;
    let (_, page) = complete_page(&server).await;
    let names: BTreeSet<_> = page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let listed = REFERENCE.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let listed = listed.filter(|name| name.starts_with("fieldguard_")).collect::<BTreeSet<_>>();
    assert_eq!(names, listed);
}

#[on_each_database]
async fn requests_are_counted_by_code_type_and_field() {
    each(async |server| {
        let (bob, before) = complete_page(server).await;
        assert_eq!(sample::<i64>(&before, "denials_total{coordinate=\"Query.users\"}"), 1);
        assert_eq!(sample::<i64>(&before, "requests_total{code=\"FORBIDDEN\"}"), 1);
        for _ in 0..3 {
            bob.gql("{ me { id username state } }").await.ok();
        }
        assert_eq!(bob.gql("{ me { id ").await.codes(), ["GRAPHQL_PARSE_FAILED"]);
        let deep = format!("{}id{}", "{ a ".repeat(40), " }".repeat(40));
        assert_eq!(bob.gql(&deep).await.codes(), ["QUERY_TOO_COMPLEX"]);
        assert_eq!(bob.bearing("nonsense").gql("{ me { id } }").await.codes(), ["UNAUTHENTICATED"]);
        let after = page(server).await;
        let added = |name: &str| sample::<i64>(&after, name) - sample::<i64>(&before, name);
        assert_eq!(added("requests_total{code=\"OK\"}"), 3);
        assert_eq!(added("requests_total{code=\"UNAUTHENTICATED\"}"), 1);
        assert_eq!(added("requests_total{code=\"GRAPHQL_PARSE_FAILED\"}"), 1);
        assert_eq!(added("limits_exceeded_total{limit=\"nesting\"}"), 1);
        assert_eq!(added("request_duration_seconds_count{type=\"query\"}"), 3);
        assert_eq!(added("request_duration_seconds_count{type=\"none\"}"), 3);
        assert_eq!(added("request_duration_seconds_bucket{type=\"query\",le=\"+Inf\"}"), 3);
        assert!(added("cache_hits_total{cache=\"documents\"}") >= 2);
        assert!(added("cache_hits_total{cache=\"principals\"}") >= 3);
        assert!(added("principal_age_seconds_count") >= 3);
        assert_eq!((sample::<i64>(&after, "operations_running"), sample::<i64>(&after, "sessions")), (0, 1));
        assert!(sample::<i64>(&after, "database_duration_seconds_count{pool=\"read\"}") > 0);
        assert!(sample::<f64>(&after, "signing_key_age_seconds") >= 0.0);
    })
    .await;
}
