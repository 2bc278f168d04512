//! A security event for each request in which fields were denied. Refused mutations are in the audit log, whose events are
//! reported themselves.

use chrono::{DateTime, Utc};
use fieldguard_guard::{caller::Caller, execute::Answer};

use crate::{
    domain::{id::UserId, principal::Principal, session::Client},
    telemetry::security,
};

/// The beginning of the coordinates of mutations.
const MUTATIONS: &str = "Mutation.";

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

    /// Writes the event, if fields of the answer were denied.
    pub(super) fn report(self, answer: &Answer, at: DateTime<Utc>) {
        let Self { caller, client, request_id } = self;
        let mut fields = answer.denied.iter().filter(|coordinate| !coordinate.starts_with(MUTATIONS)).peekable();
        if fields.peek().is_some() {
            security::write(&security::denied(caller, &client, &request_id, fields, at));
        }
    }
}
