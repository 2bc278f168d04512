//! What comes before a document runs: its limits, its parsing, the operation asked for and the values of its variables.
//!
//! Nothing is authorized here, and nothing runs.

use std::sync::Arc;

use async_graphql::{
    Name, Request, ServerError, Variables,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition},
    },
};

use super::{
    documents::{Admitted, Documents},
    error::Code,
    failure::Failure,
    guard::FullIntrospection,
    introspection,
    limits::{budget, complexity::Costs, nesting, paging::Paging, values},
    settings::{Introspection, Settings},
    variables::InputTypes,
};

/// Holds documents to the limits of one server.
pub(super) struct Admission {
    pub(super) settings: Settings,
    documents: Documents,
    inputs: InputTypes,
    paging: Paging,
}

impl Admission {
    /// For the schema in `sdl`.
    pub(super) fn new(sdl: &str, settings: Settings) -> Self {
        let (inputs, paging) = (InputTypes::of(sdl), Paging::of(sdl, &settings.limits));
        Self { settings, documents: Documents::default(), inputs, paging }
    }

    /// The document in `text`, once it is known to be harmless; what depends on variables is not held to anything.
    pub(super) fn document(&self, text: &str) -> Result<Arc<Admitted>, Failure> {
        self.documents.get_or_admit(text, || self.parse(text))
    }

    /// Holds an operation of that document to what its pages may cost.
    pub(super) fn check_costs(
        &self,
        admitted: &Admitted,
        name: Option<&Name>,
        variables: &Variables,
    ) -> Result<(), Failure> {
        admitted.costs.check(name, variables, &self.paging, &self.settings.limits)
    }

    /// The request with its document parsed, once the document is known to be harmless and to hold the operation asked
    /// for, and the document.
    pub(super) fn admit(&self, mut request: Request) -> Result<(Request, Arc<Admitted>), Failure> {
        let admitted = self.document(&request.query)?;
        let (name, operation) = operation(&admitted.document, request.operation_name.as_deref())?;
        values::check(&request.variables, &self.settings.limits)?;
        self.inputs.coerce(operation, &mut request.variables)?;
        self.check_costs(&admitted, name, &request.variables)?;
        if self.settings.introspection == Introspection::Full {
            request = request.data(FullIntrospection);
        }
        request.set_parsed_query(admitted.document.clone());
        Ok((request, admitted))
    }

    /// Everything that depends on the text alone.
    fn parse(&self, text: &str) -> Result<Admitted, Failure> {
        let Settings { limits, introspection, .. } = &self.settings;
        nesting::check(text, limits)?;
        let document = parse_query(text)
            .map_err(|error| Failure::from_library(Code::GraphqlParseFailed, unechoed(error.into())))?;
        budget::check(&document, limits)?;
        if *introspection == Introspection::Off {
            introspection::refuse(&document)?;
        }
        Ok(Admitted { costs: Costs::of(&document, &self.paging), document })
    }
}

/// The parser's complaint without the line of the document it shows, in which a password may stand.
fn unechoed(mut error: ServerError) -> ServerError {
    if let Some((_, reason)) = error.message.lines().last().and_then(|line| line.split_once(" = ")) {
        error.message = format!("The document is not GraphQL: {reason}.");
    }
    error
}

/// The operation of `document` that a request asks for, with its name.
pub(super) fn operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<(Option<&'a Name>, &'a OperationDefinition), Failure> {
    let found = match (&document.operations, name) {
        (DocumentOperations::Single(only), None) => Some((None, only)),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => {
            all.iter().next().map(|(it, one)| (Some(it), one))
        }
        (DocumentOperations::Multiple(all), Some(name)) => all.get_key_value(name).map(|(it, one)| (Some(it), one)),
        _ => None,
    };
    let reason = match name {
        Some(_) => "The document has no operation of the name given in `operationName`.",
        None => "The document has several operations: say in `operationName` which to run.",
    };
    found.map(|(name, it)| (name, &it.node)).ok_or_else(|| Failure::new(Code::OperationResolutionFailure, reason))
}
