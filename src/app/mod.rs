//! The composition root: assembles the layers from the settings. Only `main` and the programs of adopters use it.
//!
//! An adopter opens an [`App`] with their own permissions and serves it with their own schema. See
//! `examples/invoices.rs`.

pub mod commands;
mod database;
mod deliver;
mod encryption;
mod error;
mod export;
mod exposure;
mod first_administrator;
mod inputs;
mod issuer;
mod keys;
mod parts;
mod reload;
mod retention;
mod send_mails;
mod serve;
mod signals;
mod sockets;
mod sweep;
mod tls;

use std::sync::{Arc, OnceLock};

use async_graphql::{ObjectType, SchemaBuilder, SubscriptionType};
use axum::Router;

pub use error::Error;
use inputs::Inputs;

use fieldguard_api as api;
use fieldguard_api::{CONVENTIONS, execute::Executor};
use fieldguard_guard::registry;
use fieldguard_guard::settings::Settings as DocumentSettings;

use crate::accounts::error::Error as AccountsError;
use crate::{
    accounts::{Accounts, Shared, clock::Clock, register::Registration},
    auth::{cursor::CursorKey, hasher::Hasher, refresh::RefreshKey, token::Tokens},
    config::Config,
    domain::{
        permission::{Catalogue, SCHEMA_READ},
        role::RoleName,
    },
    http::{self, HttpState, shutdown::Shutdown},
    listener::tls::Tls,
    mail::Mailer,
    store::{self, Store},
    telemetry,
    webhooks::Sender,
};

/// A server that is ready to serve a schema.
pub struct App {
    config: Config,
    store: Store,
    accounts: Accounts,
    shutdown: Shutdown,
    /// What the routes share, once [`App::router`] has made them.
    state: OnceLock<HttpState>,
    tls: Option<Tls>,
    sender: Option<Sender>,
    mailer: Option<Mailer>,
}

impl App {
    /// Opens the database (creating and migrating it if needed), loads or generates the signing key, starts the hashing
    /// threads, and creates the configured first administrator.
    ///
    /// # Errors
    ///
    /// Why the server cannot start, as a message for the operator.
    pub async fn open(config: Config, catalogue: Catalogue, clock: Clock) -> Result<Self, Error> {
        let Inputs { tls, mailer } = inputs::read(&config, clock.now())?;
        let sender = parts::receiver(&config).map(Sender::new).transpose().map_err(Error::Webhooks)?;
        let location = config.database();
        let store = database::open(&config, database::Missing::Create).await?;
        let opened = async {
            let issuer = issuer::of_deployment(&config, &store).await?;
            let app = Box::pin(Self::assemble(config, store, issuer, catalogue, clock)).await?;
            encryption::check(&app.config, &app.accounts.encryption, &app.store).await?;
            Ok(Self { tls, ..app })
        };
        let app: Result<Self, Error> = Box::pin(opened).await;
        let app = app.map_err(|error| error.naming_database(|reason| location.cannot_open(reason)));
        Ok(Self { sender, mailer, ..app? })
    }

    /// The same for a command. It issues no tokens, so the issuer is neither checked nor stored: a command may run with
    /// other settings than the servers.
    async fn open_for_command(config: Config, catalogue: Catalogue, missing: database::Missing) -> Result<Self, Error> {
        let location = config.database();
        let store = database::open(&config, missing).await?;
        let issuer = config.issuer().unwrap_or_default();
        let assembled = Box::pin(Self::assemble(config, store, issuer, catalogue, Clock::System)).await;
        assembled.map_err(|error| error.naming_database(|reason| location.cannot_open(reason)))
    }

    async fn assemble(
        config: Config,
        store: Store,
        issuer: String,
        catalogue: Catalogue,
        clock: Clock,
    ) -> Result<Self, Error> {
        let keyring = keys::keyring(&config, &store, clock.clone())?;
        let keys = keyring.load().await.map_err(|error| keys::startup_error(&config, error))?;
        let cursors = store::secrets::get_or_create(&store, "cursors", CursorKey::fresh).await?;
        let cursors = CursorKey::from_bytes(&cursors).ok_or(Error::Cursors)?;
        let refresh_key = store::secrets::get_or_create(&store, "refresh", RefreshKey::fresh).await?;
        let refresh_key = RefreshKey::from_bytes(&refresh_key).ok_or(Error::RefreshKey)?;
        let accounts = Accounts::new(Shared {
            store: store.clone(),
            hasher: Hasher::start(parts::hashing(&config)),
            tokens: Tokens::new(keys, parts::tokens(&config, issuer)),
            keyring,
            cursors,
            refresh_key,
            encryption: encryption::source(&config),
            catalogue,
            policy: parts::policy(&config),
            clock,
        });
        let (shutdown, state) = (Shutdown::default(), OnceLock::new());
        let app = Self { config, store, accounts, shutdown, state, tls: None, sender: None, mailer: None };
        app.make_first_administrator().await?;
        Ok(app)
    }

    /// The use cases.
    #[must_use]
    pub const fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// The sender of mails. `None` if the server sends none.
    #[must_use]
    pub const fn mailer(&self) -> Option<&Mailer> {
        self.mailer.as_ref()
    }

    /// The settings.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// All routes of a server with this schema. Serve them with [`App::serve`].
    ///
    /// # Errors
    ///
    /// [`Error::Schema`] if the schema has faults: a field without a rule, a field whose denial would null more than
    /// itself, a rule that no caller of this program can meet, or a feature that is not served over HTTP.
    pub fn router<Q, M, S>(&self, schema: SchemaBuilder<Q, M, S>) -> Result<Router, Error>
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        let (schema, mut faults) = registry::inspect(registry::complete(schema, &CONVENTIONS), |registry| {
            registry::audit(registry, &CONVENTIONS)
        });
        let is_role = |name: &str| RoleName::parse(name).is_ok();
        let (schema, unusable) =
            registry::inspect(schema, |registry| registry::unusable(registry, &self.accounts.catalogue, is_role));
        faults.extend(unusable);
        if !faults.is_empty() {
            return Err(Error::Schema(faults));
        }
        let settings = parts::graphql(&self.config, self.accounts.clock.now());
        let documents = DocumentSettings {
            introspection: settings.introspection,
            schema_permission: Some(SCHEMA_READ),
            limits: settings.limits,
        };
        let schema = schema.data(self.accounts.clone()).data(settings);
        let state = HttpState {
            accounts: self.accounts.clone(),
            executor: Executor::new(schema, documents, self.accounts.clone()),
            settings: Arc::new(self.wire()),
            same_site: self.config.session.same_site,
            playground: self.config.playground(),
            metrics: self.config.metrics(),
            operations: Arc::default(),
            traces: export::traces(self),
            dropped_log_lines: telemetry::dropped_lines,
            shutdown: self.shutdown.clone(),
        };
        // A program may make several routers. The metrics that are sent are those of the first.
        let _ = self.state.set(state.clone());
        Ok(http::router(state))
    }

    /// The routes for Fieldguard's own schema.
    ///
    /// # Errors
    ///
    /// As [`App::router`].
    pub fn builtin_router(&self) -> Result<Router, Error> {
        self.router(api::schema())
    }

    async fn make_first_administrator(&self) -> Result<(), Error> {
        let (Some(name), Some(password)) = (&self.config.admin.username, &self.config.admin.password) else {
            return Ok(());
        };
        if self.accounts.has_administrator().await? {
            return Ok(());
        }
        let registration =
            Registration { username: name.as_str().to_owned(), email: None, password: password.expose().to_owned() };
        match self.accounts.create_admin(registration).await {
            // Another replica that started at the same time created it.
            Err(AccountsError::Taken(_)) if self.accounts.has_administrator().await? => Ok(()),
            other => Ok(other.map(drop)?),
        }
    }
}
