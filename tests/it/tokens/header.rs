//! Where a token stands on the wire: in one `Authorization` header, after the word `Bearer`.

use fieldguard_test_macros::on_each_database;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde_json::json;

use super::{PUBLIC, assert_refused};
use crate::{actor::Actor, app::each};

#[on_each_database]
async fn the_scheme_is_bearer_in_any_case_and_there_is_one_header() {
    each(async |server| {
        let bob = server.user("bob").await;
        let token = bob.token.clone().unwrap();
        let nobody = server.anonymous();
        let send = async |values: Vec<Vec<u8>>| {
            let body = json!({ "query": PUBLIC });
            let header = |bytes: &Vec<u8>| HeaderValue::from_bytes(bytes).unwrap();
            nobody
                .request(|it| values.iter().fold(it.json(&body), |it, value| it.header(AUTHORIZATION, header(value))))
                .await
        };
        send(vec![]).await.ok();
        for good in [format!("Bearer {token}"), format!("bearer {token}"), format!("BEARER   {token} ")] {
            send(vec![good.clone().into_bytes()]).await.ok();
        }
        let fine = format!("Bearer {token}").into_bytes();
        for bad in [
            vec![fine.clone(), fine.clone()],
            vec![fine.clone(), b"Basic YWRhOmFkYQ==".to_vec()],
            vec![b"Basic YWRhOmFkYQ==".to_vec(), fine.clone()],
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
            let shown = bad.iter().map(|it| String::from_utf8_lossy(it).into_owned()).collect::<Vec<_>>();
            assert_refused(&send(bad).await, &format!("{shown:?}"));
        }
    })
    .await;
}

#[on_each_database]
async fn a_token_stands_in_its_header_and_nowhere_else() {
    each(async |server| {
        let bob = server.user("bob").await;
        let token = bob.token.clone().unwrap();
        let body = json!({
            "query": "{ me { id } }", "access_token": token, "variables": { "access_token": token },
            "extensions": { "Authorization": format!("Bearer {token}") },
        });
        let answer = Actor::new(server.url(&format!("/graphql?access_token={token}")), None).send(&body).await;
        assert_eq!(answer.codes(), ["UNAUTHENTICATED"]);
        let answer =
            server.anonymous().request(|it| it.header("Cookie", format!("access_token={token}")).json(&body)).await;
        assert_eq!(answer.codes(), ["UNAUTHENTICATED"]);
    })
    .await;
}
