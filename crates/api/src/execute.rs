//! What this server does with a request beside answering it: it records what was read and what was refused, sets the cookie, and
//! shows the schema as others see it. The document itself is the engine's business.

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
    view_as,
};

/// Runs documents against one schema, for callers with accounts. Cheap to clone.
#[derive(Clone)]
pub struct Executor {
    engine: engine::Executor,
    accounts: Accounts,
}

/// For whom and from where a document is run.
pub struct Circumstances {
    /// The principal, or an anonymous caller.
    pub caller: Caller,
    /// Where the request comes from.
    pub client: Client,
    /// The refresh token in the request's cookie.
    pub refresh_cookie: Presented,
    /// The id under which the log knows this request.
    pub request_id: String,
    /// Did the request come by a way on which nothing may be changed?
    pub queries_only: bool,
    /// What becomes of fields that are refused, where the request itself does not say.
    pub on_denied: OnDenied,
}

/// What came of a document, and what else its request leaves behind.
pub struct Answered {
    /// What came of the document.
    pub answer: Answer,
    /// What it does to the cookie that holds the refresh token.
    pub refresh_cookie: Option<Change>,
}

impl From<Answer> for Answered {
    fn from(answer: Answer) -> Self {
        Self { answer, refresh_cookie: None }
    }
}

impl Executor {
    /// An executor for the completed `schema`, which holds documents to `settings`.
    #[must_use]
    pub fn new<Q, M, S>(schema: SchemaBuilder<Q, M, S>, settings: Settings, accounts: Accounts) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        Self { engine: engine::Executor::new(schema, settings), accounts }
    }

    /// What documents are held to.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        self.engine.settings()
    }

    /// Runs a document. Never panics on its text, however it is made.
    pub async fn execute(&self, request: Request, circumstances: Circumstances) -> Answered {
        let Circumstances { caller, client, refresh_cookie, request_id, queries_only, on_denied } = circumstances;
        let client = Client { request_id: Some(request_id.clone()), ..client };
        let record = Record { accounts: &self.accounts, caller: caller.clone(), client: client.clone() };
        let asked = engine::Circumstances { caller, request_id: request_id.clone(), queries_only, on_denied };
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
        let request = request.data(client).data(cookie.clone()).data(reads.clone());
        let underway = Underway { record: &record, operation: &operation };
        let run = self.engine.run(request, &operation).await;
        let refusals = match &run {
            Run::Answered(response) => refusals::of(operation.failed_changes(&response.errors)),
            Run::Overdue(_) => underway.refusals(),
        };
        // Where a refusal stands and how long it took tell of the data, too: what was read is recorded whatever becomes of the
        // answer.
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

    /// The request as it is to run, for its caller or for whom it wants to see the schema as.
    async fn prepare(
        &self,
        request: Request,
        circumstances: engine::Circumstances,
    ) -> Result<(Request, engine::Operation), Stop> {
        let caller = circumstances.caller.clone();
        let (request, operation) = self.engine.prepare(request, circumstances).await?;
        let request = view_as::for_whom(request, &caller, &operation, &self.engine, &self.accounts).await;
        let request = request.map_err(Failure::from)?;
        Ok((request, operation))
    }
}
