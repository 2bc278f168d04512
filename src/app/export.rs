//! Sends traces and metrics to the configured collector.

use std::{convert::Infallible, future::pending, time::Duration};

use tokio::time::timeout;

use super::{App, Error};
use crate::{
    config::HttpUrl,
    domain::overview::DatabaseType,
    http::{HttpState, metrics, trace::Traces},
    telemetry::otlp::{Exporter, Spans},
};

/// How long the last spans and metrics may take at the end of the process.
const LAST: Duration = Duration::from_secs(1);

/// What traces need, if a collector is configured.
pub(super) fn traces(app: &App) -> Option<Traces> {
    let otlp = &app.config.otlp;
    otlp.endpoint.as_ref()?;
    let database = match app.store.kind() {
        DatabaseType::Sqlite => "sqlite",
        DatabaseType::Postgres => "postgresql",
    };
    Some(Traces { spans: Spans::default(), percent: otlp.traces_percent, database })
}

/// Sends to the collector, if one is configured.
pub(super) struct Export(Option<(Exporter, HttpState)>);

impl Export {
    /// The exporter for the routes of `app`.
    ///
    /// # Errors
    ///
    /// [`Error::Otlp`] if TLS is not available.
    pub(super) fn of(app: &App) -> Result<Self, Error> {
        let otlp = &app.config.otlp;
        let state = app.state.get().and_then(|state| Some((state.traces.clone()?, state.clone())));
        let (Some(endpoint), Some((traces, state))) = (otlp.endpoint.as_ref().map(HttpUrl::as_str), state) else {
            return Ok(Self(None));
        };
        let exporter = Exporter::new(endpoint, otlp.header_map(), traces.spans)?;
        Ok(Self(Some((exporter, state))))
    }

    /// Runs until it is dropped.
    pub(super) async fn run(&mut self) -> Infallible {
        match &mut self.0 {
            Some((exporter, state)) => exporter.run(async || metrics::families(state).await).await,
            None => pending().await,
        }
    }

    /// Sends what is left at the end of the process.
    pub(super) async fn finish(self) {
        if let Some((mut exporter, state)) = self.0 {
            // The collector may be gone. Nothing waits for it.
            let _ = timeout(LAST, async { exporter.finish(&metrics::families(&state).await).await }).await;
        }
    }
}
