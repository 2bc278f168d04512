//! The one door through which every transport runs a document: limits, parsing, execution, and errors in their final form.
//!
//! A transport brings a request and a caller and gets an [`Answer`]; how that looks on the wire is its own business.

use std::{future::Future, pin::Pin, sync::Arc};

use async_graphql::{
    ObjectType, Request, Response, Schema, ServerError, SubscriptionType,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition},
    },
};

use super::{
    caller::Caller,
    error::Code,
    failure::{self, Failure},
    guard::FullIntrospection,
    introspection,
    limits::{budget, nesting},
    settings::{Introspection, Settings},
    variables::InputTypes,
};
use crate::domain::session::Client;

type Run = dyn Fn(Request) -> Pin<Box<dyn Future<Output = Response> + Send>> + Send + Sync;

/// Runs documents against one schema, whichever it is.
#[derive(Clone)]
pub struct Executor {
    run: Arc<Run>,
    settings: Arc<Settings>,
    inputs: Arc<InputTypes>,
}

/// For whom and from where a document is run.
pub struct Circumstances {
    /// The principal, or nobody.
    pub caller: Caller,
    /// Where the request comes from.
    pub client: Client,
    /// The id under which the log knows this request.
    pub request_id: String,
}

/// What came of a document.
pub struct Answer {
    /// Did execution begin? If not, the answer has no `data` (GraphQL over HTTP, "request errors").
    pub executed: bool,
    /// The data and the errors.
    pub response: Response,
}

impl Answer {
    fn refused(failure: Failure) -> Self {
        Self { executed: false, response: Response::from_errors(vec![failure.into()]) }
    }
}

impl Executor {
    /// An executor for `schema`, which holds documents to the limits in `settings`.
    #[must_use]
    pub fn new<Q, M, S>(schema: Schema<Q, M, S>, settings: Settings) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        let inputs = InputTypes::of(&schema.sdl());
        let run = move |request| -> Pin<Box<dyn Future<Output = Response> + Send>> {
            let schema = schema.clone();
            Box::pin(async move { schema.execute(request).await })
        };
        Self { run: Arc::new(run), settings: Arc::new(settings), inputs: Arc::new(inputs) }
    }

    /// What documents are held to.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Runs a document. Never panics on its text, however it is made.
    pub async fn execute(&self, request: Request, circumstances: Circumstances) -> Answer {
        let Circumstances { caller, client, request_id } = circumstances;
        let request = match self.admit(request) {
            Ok(request) => request.data(caller).data(client),
            Err(failure) => return Answer::refused(failure),
        };
        let mut response = (self.run)(request).await;
        let executed = failure::was_executed(&response);
        failure::complete(&mut response.errors, executed, &request_id);
        response.errors.truncate(self.settings.limits.errors);
        Answer { executed, response }
    }

    /// The request with its document parsed, once the document is known to be harmless and to hold the operation asked
    /// for.
    fn admit(&self, mut request: Request) -> Result<Request, Failure> {
        nesting::check(&request.query, &self.settings.limits)?;
        let document = parse_query(&request.query)
            .map_err(|error| Failure::from_library(Code::GraphqlParseFailed, unechoed(ServerError::from(error))))?;
        budget::check(&document, &self.settings.limits)?;
        let operation = operation(&document, request.operation_name.as_deref())?;
        self.inputs.coerce(operation, &mut request.variables)?;
        match self.settings.introspection {
            Introspection::Off => introspection::refuse(&document)?,
            Introspection::Role => {}
            Introspection::Full => request = request.data(FullIntrospection),
        }
        request.set_parsed_query(document);
        Ok(request)
    }
}

/// The parser's complaint without the line of the document it shows, in which a password may stand.
fn unechoed(mut error: ServerError) -> ServerError {
    if let Some((_, reason)) = error.message.lines().last().and_then(|line| line.split_once(" = ")) {
        error.message = format!("The document is not GraphQL: {reason}.");
    }
    error
}

/// The operation that will run.
fn operation<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Result<&'a OperationDefinition, Failure> {
    let found = match (&document.operations, name) {
        (DocumentOperations::Single(it), None) => Some(it),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => all.values().next(),
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name),
        _ => None,
    };
    found.map(|it| &it.node).ok_or_else(|| {
        let reason = match name {
            Some(_) => "The document has no operation of the name given in `operationName`.",
            None => "The document has several operations: say in `operationName` which to run.",
        };
        Failure::new(Code::OperationResolutionFailure, reason)
    })
}
