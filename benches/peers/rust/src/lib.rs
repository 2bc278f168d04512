//! What the Rust servers share: the rows, the tokens and the checks.

use std::{
    collections::HashMap,
    env,
    sync::{Arc, RwLock},
    time::{SystemTime, UNIX_EPOCH},
};

use argon2::{Argon2, PasswordVerifier, password_hash::phc::PasswordHash};
use axum::http::{HeaderMap, header::AUTHORIZATION};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use sqlx::{
    FromRow, SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

/// A user as stored.
#[derive(Clone, FromRow)]
pub struct User {
    pub id: String,
    pub username: String,
    pub email: String,
    pub created_at: String,
    pub state: String,
    pub password_hash: String,
    pub roles: String,
}

/// The claims of a token.
#[derive(Debug, Serialize, Deserialize)]
pub struct Caller {
    pub sub: String,
    pub roles: Vec<String>,
    pub exp: u64,
}

impl Caller {
    pub fn is_administrator(&self) -> bool {
        self.roles.iter().any(|role| role == "admin")
    }
}

/// The state of a server.
#[derive(Clone)]
pub struct Peer {
    pool: SqlitePool,
    secret: Arc<Vec<u8>>,
    remembered: Arc<RwLock<HashMap<String, Arc<Caller>>>>,
}

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

impl Peer {
    pub async fn open() -> Self {
        let path = env::var("DATABASE").expect("DATABASE is set");
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        let pool = SqlitePoolOptions::new().max_connections(8).connect_with(options).await.expect("the database opens");
        let secret = Arc::new(env::var("TOKEN_SECRET").expect("TOKEN_SECRET is set").into_bytes());
        Self { pool, secret, remembered: Arc::default() }
    }

    pub async fn by_id(&self, id: &str) -> User {
        let query = sqlx::query_as("SELECT * FROM users WHERE id = ?").bind(id.to_owned());
        query.fetch_one(&self.pool).await.expect("the user exists")
    }

    pub async fn page(&self, first: u32) -> Vec<User> {
        let query = sqlx::query_as("SELECT * FROM users ORDER BY id LIMIT ?").bind(first.min(100));
        query.fetch_all(&self.pool).await.expect("the query is right")
    }

    /// The caller of a request. Verified tokens are remembered, as Fieldguard does.
    pub fn caller(&self, headers: &HeaderMap) -> Option<Arc<Caller>> {
        let token = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
        let known = self.remembered.read().expect("no panic").get(token).cloned();
        if let Some(caller) = known.filter(|caller| caller.exp > now()) {
            return Some(caller);
        }
        let key = DecodingKey::from_secret(&self.secret);
        let claims = decode::<Caller>(token, &key, &Validation::new(Algorithm::HS256)).ok()?.claims;
        let caller = Arc::new(claims);
        self.remembered.write().expect("no panic").insert(token.to_owned(), caller.clone());
        Some(caller)
    }

    /// A token for the user with this password.
    pub async fn login(&self, username: &str, password: String) -> Option<String> {
        let query = sqlx::query_as("SELECT * FROM users WHERE username = ?").bind(username.to_owned());
        let user: User = query.fetch_optional(&self.pool).await.expect("the query is right")?;
        let hash = user.password_hash.clone();
        let verified = tokio::task::spawn_blocking(move || {
            let hash = PasswordHash::new(&hash).expect("the hash is right");
            Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
        });
        verified.await.ok().filter(|right| *right)?;
        let roles = serde_json::from_str(&user.roles).expect("a list of names");
        let claims = Caller { sub: user.id, roles, exp: now() + 900 };
        encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(&self.secret)).ok()
    }
}

/// Serves the routes on the port in the environment.
pub async fn serve(routes: axum::Router) {
    let port: u16 = env::var("PORT").ok().and_then(|port| port.parse().ok()).expect("PORT is set");
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
    axum::serve(listener, routes).await.expect("serves until it is killed");
}
