//! async-graphql as its book shows it, with a guard for each personal field.

use std::sync::Arc;

use async_graphql::{Context, EmptySubscription, Error, Guard, ID, InputObject, Object, Result, Schema, SimpleObject};
use async_graphql_axum::{GraphQLRequest, GraphQLResponse};
use axum::{Router, extract::State, http::HeaderMap, routing::post};
use fieldguard_peers::{Caller, Peer, User, serve};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Api = Schema<Query, Mutation, EmptySubscription>;

fn signed_in<'a>(ctx: &Context<'a>) -> Result<&'a Caller> {
    ctx.data_opt::<Arc<Caller>>().map(AsRef::as_ref).ok_or_else(|| Error::new("Sign in."))
}

struct Administrator;

impl Guard for Administrator {
    async fn check(&self, ctx: &Context<'_>) -> Result<()> {
        if signed_in(ctx)?.is_administrator() { Ok(()) } else { Err("Not allowed.".into()) }
    }
}

struct Personal(String);

impl Guard for Personal {
    async fn check(&self, ctx: &Context<'_>) -> Result<()> {
        let caller = signed_in(ctx)?;
        if caller.sub == self.0 || caller.is_administrator() { Ok(()) } else { Err("Not allowed.".into()) }
    }
}

struct Node(User);

#[Object(name = "User")]
impl Node {
    async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }

    async fn username(&self) -> &str {
        &self.0.username
    }

    #[graphql(guard = "Personal(self.0.id.clone())")]
    async fn email(&self) -> Option<&str> {
        Some(&self.0.email)
    }

    #[graphql(guard = "Personal(self.0.id.clone())")]
    async fn created_at(&self) -> &str {
        &self.0.created_at
    }

    #[graphql(guard = "Personal(self.0.id.clone())")]
    async fn state(&self) -> &str {
        &self.0.state
    }
}

#[derive(SimpleObject)]
struct UserConnection {
    nodes: Vec<Node>,
}

#[derive(SimpleObject)]
struct Admin {
    message: &'static str,
}

struct Query;

#[Object]
impl Query {
    async fn me(&self, ctx: &Context<'_>) -> Result<Node> {
        let caller = signed_in(ctx)?;
        Ok(Node(ctx.data::<Peer>()?.by_id(&caller.sub).await))
    }

    async fn users(&self, ctx: &Context<'_>, first: u32) -> Result<UserConnection> {
        signed_in(ctx)?;
        let rows = ctx.data::<Peer>()?.page(first).await;
        Ok(UserConnection { nodes: rows.into_iter().map(Node).collect() })
    }

    #[graphql(guard = "Administrator")]
    async fn admin(&self) -> Admin {
        Admin { message: "Hello, administrator." }
    }
}

#[derive(InputObject)]
struct LoginInput {
    username: String,
    password: String,
}

#[derive(SimpleObject)]
struct Session {
    access_token: String,
}

struct Mutation;

#[Object]
impl Mutation {
    async fn login(&self, ctx: &Context<'_>, input: LoginInput) -> Result<Session> {
        let token = ctx.data::<Peer>()?.login(&input.username, input.password).await;
        Ok(Session { access_token: token.ok_or_else(|| Error::new("Not allowed."))? })
    }
}

async fn graphql(State((api, peer)): State<(Api, Peer)>, headers: HeaderMap, request: GraphQLRequest) -> GraphQLResponse {
    let request = request.into_inner();
    let request = match peer.caller(&headers) {
        Some(caller) => request.data(caller),
        None => request,
    };
    api.execute(request).await.into()
}

#[tokio::main]
async fn main() {
    let peer = Peer::open().await;
    let api = Schema::build(Query, Mutation, EmptySubscription).data(peer.clone()).finish();
    serve(Router::new().route("/graphql", post(graphql)).with_state((api, peer))).await;
}
