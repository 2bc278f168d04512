//! Where a request carries the token: in one `Authorization` header, with the scheme `Bearer`.

use fieldguard_test_macros::on_each_database;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde_json::json;

use super::{PUBLIC, assert_refused};
use crate::{actor::Actor, app::each};

#[on_each_database]
async fn authorization_needs_one_header_with_the_bearer_scheme_in_any_case() {
    each(async |server| {
        let bob = server.user("bob").await;
        let token = bob.token.clone().unwrap();
        let anonymous = server.anonymous();
        let send = async |values: Vec<Vec<u8>>| {
            let body = json!({ "query": PUBLIC });
            let header = |bytes: &Vec<u8>| HeaderValue::from_bytes(bytes).unwrap();
            anonymous
                .request(|request| {
                    values
                        .iter()
                        .fold(request.json(&body), |request, value| request.header(AUTHORIZATION, header(value)))
                })
                .await
        };
        send(vec![]).await.ok();
        for good in [format!("Bearer {token}"), format!("bearer {token}"), format!("BEARER   {token} ")] {
            send(vec![good.clone().into_bytes()]).await.ok();
        }
        let valid = format!("Bearer {token}").into_bytes();
        for bad in [
            vec![valid.clone(), valid.clone()],
            vec![valid.clone(), b"Basic YWRhOmFkYQ==".to_vec()],
            vec![b"Basic YWRhOmFkYQ==".to_vec(), valid.clone()],
            vec![b"".to_vec()],
            vec![b" ".to_vec()],
            vec![b"Bearer".to_vec()],
            vec![b"Bearer ".to_vec()],
            vec![b"Bearer null".to_vec()],
            vec![b"Bearer undefined".to_vec()],
            vec![b"Basic YWRhOmFkYQ==".to_vec()],
            vec![format!("Token {token}").into_bytes()],
            vec![token.clone().into_bytes()],
            vec![format!("Bearer{token}").into_bytes()],
            vec![format!("Bearer Bearer {token}").into_bytes()],
            vec![format!("Bearer {token}, Bearer {token}").into_bytes()],
            vec![format!("Bearer \"{token}\"").into_bytes()],
            vec![[b"Bearer \xff", token.as_bytes()].concat()],
        ] {
            let shown = bad.iter().map(|value| String::from_utf8_lossy(value).into_owned()).collect::<Vec<_>>();
            assert_refused(&send(bad).await, &format!("{shown:?}"));
        }
    })
    .await;
}

#[on_each_database]
async fn token_outside_the_authorization_header_is_ignored() {
    each(async |server| {
        let bob = server.user("bob").await;
        let token = bob.token.clone().unwrap();
        let body = json!({
            "query": "{ me { id } }", "access_token": token, "variables": { "access_token": token },
            "extensions": { "Authorization": format!("Bearer {token}") },
        });
        let answer = Actor::new(server.url(&format!("/graphql?access_token={token}")), None).send(&body).await;
        assert_eq!(answer.codes(), ["UNAUTHENTICATED"]);
        let answer = server
            .anonymous()
            .request(|request| request.header("Cookie", format!("access_token={token}")).json(&body))
            .await;
        assert_eq!(answer.codes(), ["UNAUTHENTICATED"]);
    })
    .await;
}
