//! The same rows and checks without GraphQL: what HTTP, tokens, SQL and JSON cost by themselves.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use fieldguard_peers::{Peer, User, serve};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Serialize)]
struct Me {
    id: String,
    username: String,
    state: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Guarded {
    id: String,
    username: String,
    email: String,
    created_at: String,
    state: String,
}

#[derive(Serialize)]
struct Public {
    id: String,
    username: String,
    a: String,
    b: String,
    c: String,
}

#[derive(Deserialize)]
struct Login {
    username: String,
    password: String,
}

type Answer<T> = Result<Json<T>, StatusCode>;

async fn me(State(peer): State<Peer>, headers: HeaderMap) -> Answer<Me> {
    let caller = peer.caller(&headers).ok_or(StatusCode::UNAUTHORIZED)?;
    let User { id, username, state, .. } = peer.by_id(&caller.sub).await;
    Ok(Json(Me { id, username, state }))
}

async fn guarded(State(peer): State<Peer>, headers: HeaderMap) -> Answer<Vec<Guarded>> {
    let caller = peer.caller(&headers).ok_or(StatusCode::UNAUTHORIZED)?;
    if !caller.is_administrator() {
        return Err(StatusCode::FORBIDDEN);
    }
    let guarded = |User { id, username, email, created_at, state, .. }| Guarded { id, username, email, created_at, state };
    Ok(Json(peer.page(100).await.into_iter().map(guarded).collect()))
}

async fn public(State(peer): State<Peer>, headers: HeaderMap) -> Answer<Vec<Public>> {
    peer.caller(&headers).ok_or(StatusCode::UNAUTHORIZED)?;
    let public = |User { id, username, .. }: User| Public {
        a: username.clone(),
        b: username.clone(),
        c: id.clone(),
        id,
        username,
    };
    Ok(Json(peer.page(100).await.into_iter().map(public).collect()))
}

async fn admin(State(peer): State<Peer>, headers: HeaderMap) -> Answer<Value> {
    match peer.caller(&headers) {
        Some(caller) if caller.is_administrator() => Ok(Json(json!({ "message": "Hello, administrator." }))),
        _ => Err(StatusCode::FORBIDDEN),
    }
}

async fn login(State(peer): State<Peer>, Json(login): Json<Login>) -> Answer<Value> {
    let token = peer.login(&login.username, login.password).await.ok_or(StatusCode::UNAUTHORIZED)?;
    Ok(Json(json!({ "accessToken": token })))
}

#[tokio::main]
async fn main() {
    let routes = Router::new()
        .route("/me", post(me))
        .route("/guarded", post(guarded))
        .route("/public", post(public))
        .route("/admin", post(admin))
        .route("/login", post(login));
    serve(routes.with_state(Peer::open().await)).await;
}
