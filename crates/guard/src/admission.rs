//! What comes before a document runs: its limits, its parsing, its validation, the operation asked for, the values of its
//! variables, and its normal form.
//!
//! Nothing is authorized here, and nothing runs.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Name, Positioned, Request, ServerError, Variables,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
    },
    registry::Registry,
};
use fieldguard_policy::Principal;

use super::{
    caller_view::{self, CallerViews},
    code::Code,
    documents::{Admitted, Documents},
    failed_changes::{self, FailedChange},
    failure::Failure,
    input_values, introspection,
    limits::{budget, complexity::Complexity, exclusive, nesting, normal_form, values},
    normalized_operation::{self, deciding_variables},
    registry::{Policy, TypeSystem},
    settings::{Introspection, Settings},
    validation::Validator,
    visibility::{FullIntrospection, SeenTypes},
};

/// Holds documents to the schema and to the limits of one server.
pub(super) struct Admission {
    pub(super) settings: Settings,
    documents: Documents,
    types: TypeSystem,
    validator: Validator,
    views: CallerViews,
    complexity: Complexity,
}

/// Why a document is not admitted.
#[derive(Debug)]
pub(super) enum Inadmissible {
    /// It breaks a limit, or cannot be read.
    Failed(Failure),
    /// The schema has no answer to it.
    Invalid {
        /// What the caller hears.
        errors: Vec<ServerError>,
        /// The changes in it that the caller has no right to.
        failed_changes: Vec<FailedChange>,
    },
}

impl From<Failure> for Inadmissible {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Vec<ServerError>> for Inadmissible {
    fn from(errors: Vec<ServerError>) -> Self {
        Self::Invalid { errors, failed_changes: Vec::new() }
    }
}

/// A request that may run.
pub(super) struct AdmittedRequest {
    /// The request, still without its document.
    pub request: Request,
    /// The document as the client sent it, in normal form.
    pub admitted: Arc<Admitted>,
    /// The operation to run and nothing else, in normal form, with the values of variables in their places.
    pub document: ExecutableDocument,
}

impl Admission {
    /// For the completed schema in `registry`, whose rules `policy` holds.
    pub(super) fn new(registry: &Registry, policy: Arc<Policy>, settings: Settings) -> Self {
        let (types, validator) = (TypeSystem::of(registry), Validator::of(registry));
        let views = CallerViews::new(registry, policy);
        let complexity = Complexity::new(&types, &settings.limits);
        Self { settings, documents: Documents::default(), types, validator, views, complexity }
    }

    /// The document in `text`, once it is known to be valid and harmless; what depends on variables is not held to anything.
    /// What is wrong with it is told by what `caller` sees of the schema. `variables` tell whom refused changes are about.
    pub(super) async fn document(
        &self,
        text: &str,
        variables: &Variables,
        caller: Option<&dyn Principal>,
    ) -> Result<Arc<Admitted>, Inadmissible> {
        let admitted = self.documents.get_or_admit(text, async || Box::pin(self.parse(text)).await).await;
        match admitted {
            Err(Inadmissible::Invalid { errors, .. }) => {
                Err(Box::pin(self.told(text, errors, variables, caller)).await)
            }
            admitted => admitted,
        }
    }

    /// The errors of an invalid document, as `caller` may hear them.
    async fn told(
        &self,
        text: &str,
        errors: Vec<ServerError>,
        variables: &Variables,
        caller: Option<&dyn Principal>,
    ) -> Inadmissible {
        match (self.settings.introspection, parse_query(text)) {
            (Introspection::Role, Ok(document)) => {
                let errors = self.views.errors(&self.types, text, &document, caller).await;
                self.refused(errors, &document, variables)
            }
            (Introspection::Full, _) => errors.into(),
            _ => caller_view::without_names(&errors).into(),
        }
    }

    /// Why the value of a variable is not taken, as `caller` may hear it: not by the names in the arguments of a hidden field.
    fn told_of_variables(
        &self,
        failure: Failure,
        operation: &OperationDefinition,
        variables: &Variables,
        caller: Option<&dyn Principal>,
    ) -> Inadmissible {
        if self.settings.introspection != Introspection::Full {
            let document = only(operation.clone());
            let refusals = self.views.refusals(&self.types, &document, caller);
            if !refusals.is_empty() {
                return self.refused(refusals, &document, variables);
            }
        }
        match self.settings.introspection {
            Introspection::Off => failure.without_types().into(),
            Introspection::Role | Introspection::Full => failure.into(),
        }
    }

    /// The document with these errors, among them refusals of hidden fields.
    fn refused(&self, errors: Vec<ServerError>, document: &ExecutableDocument, variables: &Variables) -> Inadmissible {
        let failed_changes = failed_changes::of_hidden(self.mutation_type(), &errors, document, variables);
        Inadmissible::Invalid { errors, failed_changes }
    }

    /// The types of the schema.
    #[cfg(feature = "testing")]
    pub(super) const fn types(&self) -> &TypeSystem {
        &self.types
    }

    /// The name of the root type of mutations; empty where the schema has none.
    pub(super) fn mutation_type(&self) -> &str {
        self.types.root(OperationType::Mutation).map_or("", |root| &root.name)
    }

    /// Holds an operation in normal form to what it may cost.
    pub(super) fn check_costs(&self, operation: &OperationDefinition) -> Result<(), Failure> {
        exclusive::check(&self.types, operation)?;
        self.complexity.check(&self.types, operation)
    }

    /// The request as it may run.
    pub(super) async fn admit(
        &self,
        mut request: Request,
        caller: Option<&dyn Principal>,
    ) -> Result<AdmittedRequest, Inadmissible> {
        values::check(&request.variables, &self.settings.limits)?;
        let admitted = self.document(&request.query, &request.variables, caller).await?;
        let (name, operation) = operation(&admitted.document, request.operation_name.as_deref())?;
        let operation = input_values::coerce_variables(&self.types, operation, &mut request.variables)
            .and_then(|()| self.to_run(&admitted, name, operation, &request.variables))
            .map_err(|failure| self.told_of_variables(failure, operation, &request.variables, caller))?;
        self.check_costs(&operation)?;
        let document = only(operation);
        if self.settings.introspection == Introspection::Full {
            request = request.data(FullIntrospection);
        } else if admitted.has_introspection {
            request = request.data(SeenTypes::by(self.views.policy()));
        }
        Ok(AdmittedRequest { request, admitted, document })
    }

    /// The operation with the values of its variables.
    fn to_run(
        &self,
        admitted: &Admitted,
        name: Option<&Name>,
        operation: &OperationDefinition,
        variables: &Variables,
    ) -> Result<OperationDefinition, Failure> {
        let mut operation = match &admitted.conditional {
            Some(source) => {
                let (_, operation) = self::operation(source, name.map(Name::as_str))?;
                input_values::refuse_nulls(deciding_variables(source, operation), variables)?;
                self.normalize(source, operation, Some(variables))?.definition
            }
            None => operation.clone(),
        };
        input_values::substitute(&self.types, &mut operation, variables)?;
        Ok(operation)
    }

    /// Everything that depends on the text alone.
    async fn parse(&self, text: &str) -> Result<Admitted, Inadmissible> {
        let Settings { limits, introspection, .. } = &self.settings;
        nesting::check(text, limits)?;
        let document = parse_query(text)
            .map_err(|error| Failure::from_library(Code::GraphqlParseFailed, unechoed(error.into())))?;
        budget::check(&document, limits)?;
        if *introspection == Introspection::Off {
            introspection::refuse(&document)?;
        }
        self.validate(text, &document).await?;
        let (normal, fields) = self.normal_form(&document)?;
        let asks_for_schema = introspection::asks_for_nothing_else(&document);
        let has_introspection = introspection::is_asked_for(&document);
        let decides = |operation: &OperationDefinition| !deciding_variables(&document, operation).is_empty();
        let is_conditional = document.operations.iter().any(|(_, operation)| decides(&operation.node));
        let conditional = is_conditional.then_some(document);
        Ok(Admitted { document: normal, conditional, fields, asks_for_schema, has_introspection })
    }

    async fn validate(&self, text: &str, document: &ExecutableDocument) -> Result<(), Inadmissible> {
        let errors = caller_view::validate(&self.types, &self.validator, text, document).await;
        if errors.is_empty() { Ok(()) } else { Err(errors.into()) }
    }

    /// The document with each of its operations in normal form, and the number of fields in it.
    fn normal_form(&self, document: &ExecutableDocument) -> Result<(ExecutableDocument, usize), Failure> {
        let mut normal = ExecutableDocument { operations: document.operations.clone(), fragments: HashMap::new() };
        let mut fields = 0;
        let operations: Vec<_> = match &mut normal.operations {
            DocumentOperations::Single(only) => vec![only],
            DocumentOperations::Multiple(all) => all.values_mut().collect(),
        };
        for operation in operations {
            let normalized = self.normalize(document, &operation.node, None)?;
            operation.node = normalized.definition;
            fields += normalized.fields;
        }
        Ok((normal, fields))
    }

    fn normalize(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: Option<&Variables>,
    ) -> Result<normalized_operation::NormalizedOperation, Failure> {
        let maximum = self.settings.limits.selections;
        normalized_operation::normalize(&self.types, document, operation, variables, maximum)
            .map_err(|_| normal_form::too_large(maximum))
    }
}

fn only(operation: OperationDefinition) -> ExecutableDocument {
    let at = operation.selection_set.pos;
    let operations = DocumentOperations::Single(Positioned::new(operation, at));
    ExecutableDocument { operations, fragments: HashMap::new() }
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
            all.iter().next().map(|(name, only)| (Some(name), only))
        }
        (DocumentOperations::Multiple(all), Some(name)) => {
            all.get_key_value(name).map(|(name, operation)| (Some(name), operation))
        }
        _ => None,
    };
    let reason = match name {
        Some(_) => "The document has no operation of the name given in `operationName`.",
        None => "The document has several operations: say in `operationName` which to run.",
    };
    found
        .map(|(name, operation)| (name, &operation.node))
        .ok_or_else(|| Failure::new(Code::OperationResolutionFailure, reason))
}
