//! A security event for each query in which fields were denied. A refused mutation is in the audit log, which reports it.

use chrono::{DateTime, Utc};
use fieldguard_guard::{caller::Caller, execute::Answer};

use crate::{
    domain::{id::UserId, principal::Principal, session::Client},
    telemetry::security,
};

/// What is known of a request before it runs.
pub(super) struct Denied {
    caller: Option<UserId>,
    client: Client,
    request_id: String,
}

impl Denied {
    /// The beginning of the event, if security events are written.
    pub(super) fn begin(caller: &Caller, client: &Client, request_id: &str) -> Option<Self> {
        security::is_on().then(|| Self {
            caller: caller.principal::<Principal>().map(Principal::user),
            client: client.clone(),
            request_id: request_id.to_owned(),
        })
    }

    /// Writes the event, if the answer to a query has denied fields.
    pub(super) fn report(self, answer: &Answer, at: DateTime<Utc>) {
        let Self { caller, client, request_id } = self;
        if !answer.denied.is_empty() && !answer.is_of_mutation {
            security::write(&security::denied(caller, &client, &request_id, &answer.denied, at));
        }
    }
}
