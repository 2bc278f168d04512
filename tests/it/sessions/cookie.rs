//! The refresh token in a cookie: scripts can't read it, and only pages of this server and of allowed origins can use
//! it.

use fieldguard_test_macros::on_each_database;
use reqwest::header::{COOKIE, HOST, ORIGIN, SET_COOKIE};
use serde_json::json;

use super::text;
use crate::{
    actor::{Answer, PASSWORD},
    app::{Server, each_with},
};

const ALLOWED: &str = "https://app.example.org";

fn allow_origin(config: &mut fieldguard::config::Config) {
    config.cors.origins = ALLOWED.parse().unwrap();
}

async fn login(server: &Server, origin: Option<&str>) -> Answer {
    let document = "mutation ($input: LoginInput!) { it: login(input: $input) { accessToken refreshToken } }";
    let input = json!({ "username": "bob", "password": PASSWORD, "delivery": "COOKIE" });
    send(server, document, json!({ "input": input }), origin, None).await
}

async fn send(
    server: &Server,
    query: &str,
    variables: serde_json::Value,
    origin: Option<&str>,
    cookie: Option<&str>,
) -> Answer {
    server
        .anonymous()
        .request(|request| {
            let request = origin.into_iter().fold(request, |request, origin| request.header(ORIGIN, origin));
            let request = cookie.into_iter().fold(request, |request, cookie| request.header(COOKIE, cookie));
            request.json(&json!({ "query": query, "variables": variables }))
        })
        .await
}

/// The name and value of the cookie that the answer sets.
fn cookie(answer: &Answer) -> String {
    let header = answer.headers.get(SET_COOKIE).unwrap_or_else(|| panic!("no cookie: {answer:#?}"));
    header.to_str().unwrap().split(';').next().unwrap().to_owned()
}

const REFRESH: &str = "mutation { it: refresh { accessToken refreshToken } }";
const LOGOUT: &str = "mutation { it: logout { sessionsRevoked } }";

#[on_each_database]
async fn cookie_refreshes_and_revokes_the_session_without_arguments() {
    each_with(allow_origin, async |server| {
        server.user("bob").await;
        let first = login(server, Some(ALLOWED)).await.ok();
        assert!(first.at("/data/it/refreshToken").is_null() && first.at("/data/it/accessToken").is_string());
        let header = first.headers[SET_COOKIE].to_str().unwrap();
        assert!(header.starts_with("fieldguard-refresh=fg_rt_"), "{header}");
        let attributes: Vec<_> = header.split("; ").skip(1).collect();
        let expected =
            ["Path=/graphql", "Expires=Sun, 14 Feb 2027 08:00:00 GMT", "HttpOnly", "Secure", "SameSite=Strict"];
        assert_eq!(attributes, expected);

        let second = send(server, REFRESH, json!({}), Some(ALLOWED), Some(&cookie(&first))).await.ok();
        assert!(second.at("/data/it/refreshToken").is_null());
        assert_ne!(cookie(&second), cookie(&first));
        let bob = server.anonymous().bearing(&text(&second, "/data/it/accessToken"));
        bob.gql("{ me { id } }").await.ok();

        let out = send(server, LOGOUT, json!({}), Some(ALLOWED), Some(&cookie(&second))).await.ok();
        assert_eq!(out.at("/data/it/sessionsRevoked"), 1);
        assert!(
            out.headers[SET_COOKIE].to_str().unwrap().starts_with("fieldguard-refresh=; Path=/graphql; Max-Age=0;")
        );
        let revoked = send(server, REFRESH, json!({}), Some(ALLOWED), Some(&cookie(&second))).await;
        assert_eq!(revoked.codes(), ["INVALID_REFRESH_TOKEN"]);
        assert_eq!(cookie(&revoked), "fieldguard-refresh=", "an invalid cookie is deleted");
    })
    .await;
}

#[on_each_database]
async fn cookie_is_rejected_for_foreign_and_missing_origins() {
    each_with(allow_origin, async |server| {
        server.user("bob").await;
        let first = cookie(&login(server, Some(ALLOWED)).await.ok());
        for origin in [Some("https://evil.example"), Some("null"), Some("http://app.example.org"), None] {
            for document in [REFRESH, LOGOUT] {
                let refused = send(server, document, json!({}), origin, Some(&first)).await;
                assert_eq!(refused.codes(), ["FORBIDDEN"], "{origin:?}");
                assert!(refused.headers.get(SET_COOKIE).is_none());
            }
        }
        assert_eq!(login(server, Some("https://evil.example")).await.codes(), ["FORBIDDEN"]);
        login(server, None).await.ok();
        let two = format!("{first}; {first}");
        let refused = send(server, REFRESH, json!({}), Some(ALLOWED), Some(&two)).await;
        assert_eq!(refused.codes(), ["UNAUTHENTICATED"], "two cookies are ambiguous");
        send(server, REFRESH, json!({}), Some(ALLOWED), Some(&first)).await.ok();
    })
    .await;
}

#[on_each_database]
async fn logout_with_an_access_token_needs_no_cookie() {
    each_with(allow_origin, async |server| {
        let bob = server.user("bob").await;
        let out = |request: reqwest::RequestBuilder| request.header(ORIGIN, "null").json(&json!({ "query": LOGOUT }));
        assert_eq!(bob.request(out).await.ok().at("/data/it/sessionsRevoked"), 1);
    })
    .await;
}

#[on_each_database]
async fn cookie_works_at_the_public_and_at_the_actual_address() {
    let public = |config: &mut fieldguard::config::Config| {
        config.public_url = Some("https://id.example.org/guard".parse().unwrap());
    };
    each_with(public, async |server| {
        server.user("bob").await;
        let first = login(server, Some("https://id.example.org")).await.ok();
        let header = first.headers[SET_COOKIE].to_str().unwrap();
        assert!(header.starts_with("__Secure-fieldguard-refresh=fg_rt_") && header.contains("; Path=/guard/graphql; "));
        let own = server.url("");
        send(server, REFRESH, json!({}), Some(&own), Some(&cookie(&first))).await.ok();
    })
    .await;
}

#[on_each_database]
async fn cookie_requires_https_origins_when_the_public_url_is_https() {
    let public = |config: &mut fieldguard::config::Config| config.public_url = "https://id.example.org".parse().ok();
    each_with(public, async |server| {
        server.user("bob").await;
        let ask = async |origin: &str, host: &str, document: &str, cookie: &str| {
            let with_headers = |request: reqwest::RequestBuilder| {
                let request = request.header(ORIGIN, origin).header(HOST, host).header(COOKIE, cookie);
                request.json(&json!({ "query": document }))
            };
            server.anonymous().request(with_headers).await
        };
        let sign_in = format!(
            "mutation {{ it: login(input: {{ username: \"bob\", password: \"{PASSWORD}\", delivery: COOKIE }}) {{ tokenType }} }}"
        );
        for (origin, host, is_allowed) in [
            ("https://id.example.org", "id.example.org", true),
            ("https://id.example.org", "10.0.0.7:4000", true),
            ("https://other.example.org", "other.example.org", true),
            ("http://localhost:4000", "localhost:4000", true),
            ("http://[::1]:4000", "[::1]:4000", true),
            ("http://id.example.org", "id.example.org", false),
            ("http://10.0.0.7:4000", "10.0.0.7:4000", false),
            ("http://localhost.example.org", "localhost.example.org", false),
        ] {
            let answer = ask(origin, host, &sign_in, "a=b").await;
            assert_eq!(answer.codes().is_empty(), is_allowed, "{origin} at {host}: {answer:#?}");
            assert_eq!(answer.headers.contains_key(SET_COOKIE), is_allowed, "{origin} at {host}");
        }
        let cookie = cookie(&login(server, Some("https://id.example.org")).await.ok());
        assert_eq!(ask("http://id.example.org", "id.example.org", REFRESH, &cookie).await.codes(), ["FORBIDDEN"]);
    })
    .await;
}

#[on_each_database]
async fn cookie_delivery_is_rejected_for_cross_site_pages() {
    each_with(allow_origin, async |server| {
        server.user("bob").await;
        let ask = async |origin: &str, site: &str, query: &str| {
            let with_headers = |request: reqwest::RequestBuilder| {
                request.header(ORIGIN, origin).header("sec-fetch-site", site).json(&json!({ "query": query }))
            };
            server.anonymous().request(with_headers).await
        };
        let input =
            |name: &str, delivery: &str| format!("username: {name:?}, password: {PASSWORD:?}, delivery: {delivery}");
        for origin in [ALLOWED, "http://localhost:5173"] {
            for document in [
                format!("mutation {{ it: login(input: {{ {} }}) {{ tokenType }} }}", input("bob", "COOKIE")),
                format!("mutation {{ it: register(input: {{ {} }}) {{ tokenType }} }}", input("ann", "COOKIE")),
            ] {
                let refused = ask(origin, "cross-site", &document).await;
                assert_eq!(refused.codes(), ["BAD_USER_INPUT"], "{origin} {document}");
                assert_eq!(refused.at("/errors/0/extensions/field"), "delivery");
                assert!(refused.text.contains("another site") && !refused.headers.contains_key(SET_COOKIE));
            }
        }
        let body = format!("mutation {{ it: login(input: {{ {} }}) {{ refreshToken }} }}", input("bob", "BODY"));
        assert!(ask(ALLOWED, "cross-site", &body).await.ok().at("/data/it/refreshToken").is_string());
        let cookie = format!("mutation {{ it: login(input: {{ {} }}) {{ tokenType }} }}", input("bob", "COOKIE"));
        for site in ["same-site", "same-origin", "none"] {
            assert!(ask(ALLOWED, site, &cookie).await.ok().headers.contains_key(SET_COOKIE), "{site}");
        }
        assert_eq!(ask(ALLOWED, "cross-site", REFRESH).await.codes(), ["UNAUTHENTICATED"]);
    })
    .await;
}

#[on_each_database]
async fn cookie_for_other_sites_is_partitioned_and_still_only_for_allowed_origins() {
    let cross_site = |config: &mut fieldguard::config::Config| {
        allow_origin(config);
        config.public_url = "https://id.example.net".parse().ok();
        config.session.same_site = fieldguard::config::SameSite::None;
    };
    each_with(cross_site, async |server| {
        server.user("bob").await;
        let ask = async |origin: &str, query: &str, cookie: &str| {
            let with_headers = |request: reqwest::RequestBuilder| {
                let request = request.header(ORIGIN, origin).header("sec-fetch-site", "cross-site");
                request.header(COOKIE, cookie).json(&json!({ "query": query }))
            };
            server.anonymous().request(with_headers).await
        };
        let sign_in = format!(
            "mutation {{ it: login(input: {{ username: \"bob\", password: \"{PASSWORD}\", delivery: COOKIE }}) {{ tokenType }} }}"
        );
        let first = ask(ALLOWED, &sign_in, "a=b").await.ok();
        let header = first.headers[SET_COOKIE].to_str().unwrap();
        assert!(header.ends_with("; HttpOnly; Secure; SameSite=None; Partitioned"), "{header}");
        for origin in ["https://evil.example", "null"] {
            for document in [REFRESH, LOGOUT] {
                assert_eq!(ask(origin, document, &cookie(&first)).await.codes(), ["FORBIDDEN"], "{origin}");
            }
            assert_eq!(ask(origin, &sign_in, "a=b").await.codes(), ["FORBIDDEN"], "{origin}");
        }
        let second = ask(ALLOWED, REFRESH, &cookie(&first)).await.ok();
        let out = ask(ALLOWED, LOGOUT, &cookie(&second)).await.ok();
        assert!(out.headers[SET_COOKIE].to_str().unwrap().ends_with("; SameSite=None; Partitioned"));
    })
    .await;
}

#[on_each_database]
async fn cookie_delivery_is_rejected_where_browsers_keep_no_secure_cookie() {
    let plain = |config: &mut fieldguard::config::Config| config.public_url = "http://id.example.org".parse().ok();
    each_with(plain, async |server| {
        server.user("bob").await;
        let ask = async |host: &str, delivery: &str| {
            let query = format!(
                "mutation {{ it: login(input: {{ username: \"bob\", password: \"{PASSWORD}\", delivery: {delivery} }}) {{ tokenType }} }}"
            );
            server.anonymous().request(|request| request.header(HOST, host).json(&json!({ "query": query }))).await
        };
        for host in ["id.example.org", "192.168.0.7:4000", "localhost.example.org"] {
            let refused = ask(host, "COOKIE").await;
            assert_eq!(refused.at("/errors/0/extensions/reason"), "TLS_REQUIRED", "{host} {refused:#?}");
            assert_eq!(refused.at("/errors/0/extensions/field"), "delivery");
            ask(host, "BODY").await.ok();
        }
        let over_tls = |request: reqwest::RequestBuilder| {
            let query = format!(
                "mutation {{ it: login(input: {{ username: \"bob\", password: \"{PASSWORD}\", delivery: COOKIE }}) {{ tokenType }} }}"
            );
            let request = request.header(HOST, "id.example.org").header(ORIGIN, "https://id.example.org");
            request.json(&json!({ "query": query }))
        };
        let answer = server.anonymous().request(over_tls).await.ok();
        assert!(answer.headers.contains_key(SET_COOKIE), "a proxy that the settings don't name speaks TLS");
        for host in ["localhost:4000", "127.0.0.1:4000", "[::1]:4000", "[::1]"] {
            assert!(ask(host, "COOKIE").await.ok().headers.contains_key(SET_COOKIE), "{host}");
        }
    })
    .await;
}
