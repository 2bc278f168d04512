//! The examples `embedding` and `verifier`, each as a server of its own.

use std::{net::SocketAddr, time::Duration};

use axum::Router;
use fieldguard::{
    accounts::{clock::Clock, keyring::Start, register::Registration},
    app::App,
    domain::permission,
};
use reqwest::{Response, header::WWW_AUTHENTICATE};
use tokio::net::TcpListener;

use crate::{
    actor::{Actor, PASSWORD},
    app::settings,
    database::Database,
};

#[expect(dead_code, reason = "the example's `main` is run by hand")]
#[path = "../../examples/embedding.rs"]
mod embedding;

#[expect(dead_code, reason = "the example's `main` is run by hand")]
#[path = "../../examples/verifier.rs"]
mod verifier;

/// Serves `router` and returns its origin.
async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    origin
}

/// The example `embedding` with the administrator `ada`, and its origin.
async fn embed(database: &Database) -> (App, String) {
    let mut config = settings();
    config.data_dir = database.directory.path().join("data");
    let app = Box::pin(App::open(config, permission::builtin(), Clock::System)).await.unwrap();
    let ada = Registration { username: "ada".to_owned(), email: None, password: PASSWORD.to_owned() };
    app.accounts().create_admin(ada).await.unwrap();
    let origin = serve(embedding::router(&app).unwrap()).await;
    (app, origin)
}

async fn token(anonymous: &Actor, name: &str) -> String {
    let login =
        format!("mutation {{ login(input: {{ username: \"{name}\", password: \"{PASSWORD}\" }}) {{ accessToken }} }}");
    anonymous.gql(&login).await.ok().at("/data/login/accessToken").as_str().unwrap().to_owned()
}

async fn report(origin: &str, token: Option<&str>) -> Response {
    let request = reqwest::Client::new().get(format!("{origin}/report"));
    let request = token.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth);
    request.send().await.unwrap()
}

#[tokio::test]
async fn embedding_application_serves_a_route_of_its_own_to_permitted_callers() {
    let database = Database::sqlite();
    let (_app, origin) = embed(&database).await;
    let anonymous = Actor::new(format!("{origin}/graphql"), None);
    anonymous.register("bob").await;
    let (ada, bob) = (token(&anonymous, "ada").await, token(&anonymous, "bob").await);
    for (token, status) in [(None, 401), (Some("nonsense"), 401), (Some(bob.as_str()), 403), (Some(&ada), 200)] {
        assert_eq!(report(&origin, token).await.status(), status, "{token:?}");
    }
    anonymous.bearing(&ada).gql("mutation { logoutEverywhere { effectiveAt } }").await.ok();
    assert_eq!(report(&origin, Some(&ada)).await.status(), 401, "a revoked session is refused");
}

#[tokio::test]
async fn verifier_refuses_with_401_and_403_and_follows_key_rotation() {
    let database = Database::sqlite();
    let (app, issuer) = embed(&database).await;
    let anonymous = Actor::new(format!("{issuer}/graphql"), None);
    anonymous.register("bob").await;
    let keys = format!("{issuer}/.well-known/jwks.json");
    let own = serve(verifier::router(verifier::Verifier::new(app.accounts().issuer(), keys.clone()))).await;
    let other = serve(verifier::router(verifier::Verifier::new("https://id.example.org", keys))).await;
    let away = serve(verifier::router(verifier::Verifier::new(app.accounts().issuer(), format!("{own}/none")))).await;
    let (ada, bob) = (token(&anonymous, "ada").await, token(&anonymous, "bob").await);
    let altered = format!("{}A.{}", &ada[..ada.rfind('.').unwrap() - 1], &ada[ada.rfind('.').unwrap() + 1..]);
    for (origin, token, status, challenge) in [
        (&own, None, 401, Some("Bearer")),
        (&own, Some("nonsense"), 401, Some("Bearer")),
        (&own, Some(altered.as_str()), 401, Some("Bearer")),
        (&own, Some(&bob), 403, Some("Bearer error=\"insufficient_scope\"")),
        (&own, Some(&ada), 200, None),
        (&other, Some(&ada), 401, Some("Bearer")),
        (&away, Some(&ada), 503, None),
    ] {
        let answer = report(origin, token).await;
        let found = answer.headers().get(WWW_AUTHENTICATE).map(|value| value.to_str().unwrap());
        assert_eq!((answer.status().as_u16(), found), (status, challenge), "{token:?}");
    }

    app.accounts().keyring.rotate(Start::AtOnce).await.unwrap();
    app.accounts().reload_keys().await.unwrap();
    let (former, ada) = (ada, token(&anonymous, "ada").await);
    let kid = |token: &str| token.split('.').next().unwrap().to_owned();
    assert_ne!(kid(&former), kid(&ada));
    for _ in 0..50 {
        if report(&own, Some(&ada)).await.status() == 200 {
            assert_eq!(
                report(&own, Some(&former)).await.status(),
                200,
                "the former key is published until its tokens expire"
            );
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the verifier does not know the new key after 5 seconds");
}
