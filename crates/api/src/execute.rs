//! Runs documents, records in the audit log what they read and what they were denied, and sets the cookie. The engine
//! (`fieldguard_guard`) runs the document itself.

mod record;

use std::sync::Arc;

use async_graphql::{ObjectType, Request, SchemaBuilder, SubscriptionType};
use fieldguard_accounts::{Accounts, audit::Performed};
use fieldguard_domain::session::Client;
use fieldguard_guard::execute as engine;
use fieldguard_guard::{
    caller::Caller,
    execute::{Answer, Run, Stop},
    failure::Failure,
    on_denied::OnDenied,
    settings::Settings,
};

use self::record::{Record, Underway};
use crate::{
    reads::Reads,
    refusals,
    sessions::refresh_cookie::{Change, Presented, RefreshCookie},
    users::batches::Batches,
    view_as,
};

/// Runs documents against one schema, for callers with accounts. Cheap to clone.
#[derive(Clone)]
pub struct Executor {
    engine: engine::Executor,
    accounts: Accounts,
}

/// The caller of a document, and how the request came.
pub struct RequestContext {
    /// The principal, or an anonymous caller.
    pub caller: Caller,
    /// The client of the request.
    pub client: Client,
    /// The refresh token in the request's cookie.
    pub refresh_cookie: Presented,
    /// The ID of the request, for the log and the audit log.
    pub request_id: String,
    /// Whether mutations are refused, as for GET requests.
    pub queries_only: bool,
    /// How to treat denied fields if the request does not say.
    pub on_denied: OnDenied,
}

/// The response to a document, and its effect on the cookie.
pub struct Answered {
    /// The response.
    pub answer: Answer,
    /// The change of the cookie with the refresh token.
    pub refresh_cookie: Option<Change>,
}

impl From<Answer> for Answered {
    fn from(answer: Answer) -> Self {
        Self { answer, refresh_cookie: None }
    }
}

impl Executor {
    /// An executor for the completed `schema` with these settings.
    #[must_use]
    pub fn new<Q, M, S>(schema: SchemaBuilder<Q, M, S>, settings: Settings, accounts: Accounts) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        Self { engine: engine::Executor::new(schema, settings), accounts }
    }

    /// The introspection setting and the limits.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        self.engine.settings()
    }

    /// How often a document was in the cache of admitted documents, and how often it was not.
    #[must_use]
    pub fn document_cache_use(&self) -> (u64, u64) {
        self.engine.document_cache_use()
    }

    /// Runs a document. No document makes it panic.
    pub async fn execute(&self, request: Request, context: RequestContext) -> Answered {
        let RequestContext { caller, client, refresh_cookie, request_id, queries_only, on_denied } = context;
        let client = Client { request_id: Some(request_id.clone()), ..client };
        let record = Record { accounts: &self.accounts, caller: caller.clone(), client: client.clone() };
        let asked = engine::RequestContext { caller, request_id: request_id.clone(), queries_only, on_denied };
        let (request, operation) = match Box::pin(self.prepare(request, asked)).await {
            Ok(prepared) => prepared,
            Err(mut stop) => {
                let refusals = refusals::of(std::mem::take(&mut stop.failed_changes));
                return match record.write(Performed { refusals, ..Performed::default() }).await {
                    Ok(()) => self.engine.stopped(stop, &request_id).into(),
                    Err(failure) => Answer::failed(failure, &request_id).into(),
                };
            }
        };
        let (cookie, reads) = (Arc::new(RefreshCookie::new(refresh_cookie)), Arc::new(Reads::default()));
        let request = request.data(client).data(cookie.clone()).data(reads.clone()).data(Batches::default());
        let underway = Underway { record: &record, operation: &operation };
        let run = self.engine.run(request, &operation).await;
        let refusals = match &run {
            Run::Answered(response) => refusals::of(operation.failed_changes(&response.errors)),
            Run::Overdue(_) => underway.refusals(),
        };
        // The place of an error and the time it took expose data, too, so reads are recorded even if the response is not sent.
        let (reads, sought) = reads.take();
        if let Err(failure) = record.write_of(operation.kind(), Performed { reads, sought, refusals }).await {
            return Answer::failed(failure, &request_id).into();
        }
        match run {
            Run::Overdue(failure) => Answer::failed(failure, &request_id).into(),
            Run::Answered(response) => {
                let answer = operation.settle(response);
                let is_denied = answer.outcome == engine::Outcome::Denied;
                Answered { answer, refresh_cookie: if is_denied { None } else { cookie.change() } }
            }
        }
    }

    /// The request, ready to run for its caller or for the role in `extensions.viewAs`.
    async fn prepare(
        &self,
        request: Request,
        context: engine::RequestContext,
    ) -> Result<(Request, engine::Operation), Stop> {
        let caller = context.caller.clone();
        let (request, operation) = self.engine.prepare(request, context).await?;
        let request = view_as::caller_as(request, &caller, &operation, &self.engine, &self.accounts).await;
        let request = request.map_err(Failure::from)?;
        Ok((request, operation))
    }
}
