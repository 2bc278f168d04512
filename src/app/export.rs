//! Sends traces and metrics to the configured collector.

use std::{convert::Infallible, future::pending, time::Duration};

use tokio::time::timeout;

use super::{App, Error};
use crate::{
    config::HttpUrl,
    domain::overview::DatabaseType,
    http::{HttpState, metrics, trace::Traces},
    telemetry::{
        metrics::Family,
        otlp::{Exporter, Spans},
    },
};

/// How long the last spans and metrics may take at the end of the process, beside the end of the database.
const LAST: Duration = Duration::from_millis(1_500);

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

    /// The metrics at the end of the process. They need the database.
    pub(super) async fn last(&self) -> Vec<Family> {
        match &self.0 {
            Some((_, state)) => metrics::families(state).await,
            None => Vec::new(),
        }
    }

    /// Sends what is left at the end of the process, and these metrics.
    pub(super) async fn finish(self, last: Vec<Family>) {
        if let Some((mut exporter, _)) = self.0 {
            // The collector may be gone.
            let _ = timeout(LAST, exporter.finish(&last)).await;
        }
    }
}
