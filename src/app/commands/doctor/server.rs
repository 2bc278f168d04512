//! The running server, as clients reach it: whether it is ready, and whether it belongs to this deployment.

use std::time::Duration;

use reqwest::Client;
use serde_json::Value;

use super::{Finding, Known};
use crate::{config::Config, http_client, store::in_words};

const READY: &str = "server";
const DISCOVERY: &str = "discovery";

/// `/readyz` answers within two seconds.
const TIME_LIMIT: Duration = Duration::from_secs(5);

pub(super) async fn check(config: &Config, url: Option<&str>, known: Option<&Known>) -> Vec<Finding> {
    let base = url.map_or_else(|| config.base_url(), str::to_owned);
    let base = base.trim_end_matches('/');
    let client = match http_client::builder(base.starts_with("https://")).timeout(TIME_LIMIT).build() {
        Ok(client) => client,
        Err(error) => return vec![Finding::problem(READY, format!("cannot ask {base}: {}", reason(error)))],
    };
    let ready = ready(&client, base).await;
    let answers = ready.status != super::Status::Problem;
    let mut findings = vec![ready];
    if answers {
        findings.push(discovery(&client, base, known).await);
    }
    findings
}

async fn ready(client: &Client, base: &str) -> Finding {
    let url = format!("{base}/readyz");
    match client.get(&url).send().await {
        Err(error) => {
            let reason = reason(error);
            Finding::problem(READY, format!("no answer from {url}: {reason}; {}", remedy(&reason)))
        }
        Ok(answer) if answer.status().is_success() => Finding::ok(READY, format!("{base} is ready")),
        Ok(answer) => {
            let status = answer.status();
            let body = answer.text().await.unwrap_or_default();
            let body: Value = serde_json::from_str(&body).unwrap_or_default();
            let message = body.pointer("/errors/0/message").and_then(Value::as_str);
            let message = message.unwrap_or("the answer is not one of this server");
            Finding::problem(READY, format!("{url} answers {status}: {message}"))
        }
    }
}

fn remedy(reason: &str) -> &'static str {
    // The type of the error is private to the HTTP client.
    if reason.contains("certificate") {
        "clients that do not trust its issuer refuse it, too; `SSL_CERT_FILE` names certificates to trust"
    } else {
        "start the server, or name its address with --url"
    }
}

async fn discovery(client: &Client, base: &str, known: Option<&Known>) -> Finding {
    let configuration = document(client, &format!("{base}/.well-known/openid-configuration")).await;
    let keys = document(client, &format!("{base}/.well-known/jwks.json")).await;
    match (configuration, keys) {
        (Ok(configuration), Ok(keys)) => compare(base, &configuration, &keys, known),
        (Err(problem), _) | (_, Err(problem)) => Finding::problem(DISCOVERY, problem),
    }
}

async fn document(client: &Client, url: &str) -> Result<Value, String> {
    let answer = client.get(url).send().await.and_then(reqwest::Response::error_for_status);
    let failed = |error| format!("cannot read {url}: {}", reason(error));
    let text = answer.map_err(failed)?.text().await.map_err(failed)?;
    serde_json::from_str(&text).map_err(|error| format!("{url} is not JSON: {error}"))
}

/// Compares what clients are told with the database.
fn compare(base: &str, configuration: &Value, keys: &Value, known: Option<&Known>) -> Finding {
    let text = |name: &str| configuration[name].as_str().unwrap_or_default().to_owned();
    let (issuer, keys_url) = (text("issuer"), text("jwks_uri"));
    if base.starts_with("https://") && !keys_url.starts_with("https://") {
        let message =
            format!("`jwks_uri` is {keys_url}, without TLS; set `public_url` to the address that clients use");
        return Finding::problem(DISCOVERY, message);
    }
    let Some(known) = known else { return Finding::ok(DISCOVERY, format!("the issuer is {issuer}")) };
    if known.issuer.as_ref().is_some_and(|kept| *kept != issuer) {
        let kept = known.issuer.as_deref().unwrap_or_default();
        let message = format!("the issuer is {issuer}, and in the database {kept}; the server uses another database");
        return Finding::problem(DISCOVERY, message);
    }
    let kids = keys["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
    let publishes = |kid: &String| kids.iter().any(|key| key["kid"] == kid.as_str());
    // A shared secret is not published.
    if !kids.is_empty() && known.signing_kid.as_ref().is_some_and(|kid| !publishes(kid)) {
        let message =
            "the server does not publish the signing key of the database; it uses another database, or other settings";
        return Finding::problem(DISCOVERY, message);
    }
    Finding::ok(DISCOVERY, format!("the issuer is {issuer}; public keys: {}", kids.len()))
}

/// The cause, without the URL.
fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
    causes.last().map_or_else(String::new, |cause| cause.downcast_ref().map_or_else(|| cause.to_string(), in_words))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::Status, *};

    #[test]
    fn server_of_another_deployment_is_a_problem() {
        let keys = json!({ "keys": [{ "kid": "a" }] });
        let known =
            |issuer: &str, kid: &str| Known { issuer: Some(issuer.to_owned()), signing_kid: Some(kid.to_owned()) };
        let told = |scheme: &str| json!({ "issuer": "https://id", "jwks_uri": format!("{scheme}://id/jwks") });
        for (scheme, known, status) in [
            ("https", Some(known("https://id", "a")), Status::Ok),
            ("https", None, Status::Ok),
            ("https", Some(known("https://other", "a")), Status::Problem),
            ("https", Some(known("https://id", "b")), Status::Problem),
            ("http", Some(known("https://id", "a")), Status::Problem),
        ] {
            let found = compare("https://id", &told(scheme), &keys, known.as_ref());
            assert_eq!(found.status, status, "{found:?}");
        }
        let secret = compare("https://id", &told("https"), &json!({ "keys": [] }), Some(&known("https://id", "a")));
        assert_eq!(secret.status, Status::Ok, "a shared secret is not published");
    }
}
