//! Checks a request before execution: limits, parsing, validation, choice of the operation, variable values and normal
//! form. Nothing here authorizes or runs the operation.

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
    documents::{AdmittedDocument, Documents},
    failed_changes::{self, FailedChange},
    failure::Failure,
    input_values, introspection,
    limits::{budget, complexity::Complexity, exclusive, nesting, normal_form, values},
    normalized_operation::{self, Conflict, NotNormal, deciding_variables},
    registry::{Policy, TypeSystem},
    settings::{Introspection, Settings},
    validation::Validator,
    visibility::{SchemaView, SeenTypes},
};

/// Checks documents against the schema and the limits of one server.
pub(super) struct Admission {
    pub(super) settings: Settings,
    documents: Documents,
    types: TypeSystem,
    validator: Validator,
    views: CallerViews,
    complexity: Complexity,
}

/// Why a document can't run.
#[derive(Debug)]
pub(super) enum AdmissionError {
    /// The document exceeds a limit or can't be parsed.
    Failed(Failure),
    /// The document is not valid against the schema.
    Invalid {
        /// The errors for the caller.
        errors: Vec<ServerError>,
        /// The mutations in the document that the caller is not allowed to run.
        failed_changes: Vec<FailedChange>,
    },
}

impl From<Failure> for AdmissionError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Vec<ServerError>> for AdmissionError {
    fn from(errors: Vec<ServerError>) -> Self {
        Self::Invalid { errors, failed_changes: Vec::new() }
    }
}

/// A request that is ready to run.
pub(super) struct AdmittedRequest {
    /// The request without its document.
    pub request: Request,
    /// The name of the operation, if it has one.
    pub name: Option<Name>,
    /// The document as the client sent it, in normal form.
    pub admitted: Arc<AdmittedDocument>,
    /// The operation to run, in normal form, with variable values substituted.
    pub document: ExecutableDocument,
}

impl Admission {
    /// Creates the checks for the completed schema in `registry`, with the rules in `policy`.
    pub(super) fn new(registry: &Registry, policy: Arc<Policy>, settings: Settings) -> Self {
        let (types, validator) = (TypeSystem::of(registry), Validator::of(registry));
        let views = CallerViews::new(registry, policy);
        let complexity = Complexity::new(&types, &settings.limits);
        Self { settings, documents: Documents::default(), types, validator, views, complexity }
    }

    /// Parses and validates `text`. Checks nothing that depends on variables. Errors name only what `caller` sees of
    /// the schema. `variables` identify the targets of denied mutations.
    pub(super) async fn document(
        &self,
        text: &str,
        variables: &Variables,
        caller: Option<&dyn Principal>,
    ) -> Result<Arc<AdmittedDocument>, AdmissionError> {
        let admitted = self.documents.get_or_admit(text, async || Box::pin(self.parse(text)).await).await;
        match admitted {
            Err(AdmissionError::Invalid { errors, .. }) => {
                Err(Box::pin(self.visible_errors(text, errors, variables, caller)).await)
            }
            admitted => admitted,
        }
    }

    /// How often a document was in the cache, and how often it was not.
    pub(super) fn document_cache_use(&self) -> (u64, u64) {
        self.documents.hits_and_misses()
    }

    /// How much of the schema `caller` sees.
    pub(super) fn introspection(&self, caller: Option<&dyn Principal>) -> Introspection {
        let Settings { introspection, schema_permission, .. } = self.settings;
        let sees_all = |permission| caller.is_some_and(|caller| caller.can(permission));
        match introspection {
            Introspection::Role if schema_permission.is_some_and(sees_all) => Introspection::Full,
            setting => setting,
        }
    }

    /// Limits the errors of an invalid document to what `caller` may see.
    async fn visible_errors(
        &self,
        text: &str,
        errors: Vec<ServerError>,
        variables: &Variables,
        caller: Option<&dyn Principal>,
    ) -> AdmissionError {
        match (self.introspection(caller), parse_query(text)) {
            (Introspection::Role, Ok(document)) => {
                let errors = self.views.errors(&self.types, text, &document, caller).await;
                self.invalid(errors, &document, variables)
            }
            (Introspection::Full, _) => errors.into(),
            _ => caller_view::without_names(&errors).into(),
        }
    }

    /// Limits a variable error to what `caller` may see: it must not name input types of a hidden field.
    fn visible_variable_error(
        &self,
        failure: Failure,
        operation: &OperationDefinition,
        variables: &Variables,
        caller: Option<&dyn Principal>,
    ) -> AdmissionError {
        let introspection = self.introspection(caller);
        if introspection != Introspection::Full {
            let document = single_operation(operation.clone());
            let refusals = self.views.refusals(&self.types, &document, caller);
            if !refusals.is_empty() {
                return self.invalid(refusals, &document, variables);
            }
        }
        match introspection {
            Introspection::Off => failure.without_types().into(),
            Introspection::Role | Introspection::Full => failure.into(),
        }
    }

    /// An error result that includes the denials of hidden fields.
    fn invalid(
        &self,
        errors: Vec<ServerError>,
        document: &ExecutableDocument,
        variables: &Variables,
    ) -> AdmissionError {
        let failed_changes = failed_changes::of_hidden(self.mutation_type(), &errors, document, variables);
        AdmissionError::Invalid { errors, failed_changes }
    }

    /// The types of the schema.
    #[cfg(feature = "testing")]
    pub(super) const fn types(&self) -> &TypeSystem {
        &self.types
    }

    /// The name of the mutation root type, or an empty string if the schema has none.
    pub(super) fn mutation_type(&self) -> &str {
        self.types.root(OperationType::Mutation).map_or("", |root| &root.name)
    }

    /// Checks the cost of an operation in normal form.
    pub(super) fn check_costs(&self, operation: &OperationDefinition) -> Result<(), Failure> {
        exclusive::check(&self.types, operation)?;
        self.complexity.check(&self.types, operation)
    }

    /// Prepares the request for execution.
    pub(super) async fn admit(
        &self,
        mut request: Request,
        caller: Option<&dyn Principal>,
    ) -> Result<AdmittedRequest, AdmissionError> {
        values::check(&request.variables, &self.settings.limits)?;
        let admitted = self.document(&request.query, &request.variables, caller).await?;
        let (name, operation) = operation(&admitted.document, request.operation_name.as_deref())?;
        let operation = input_values::coerce_variables(&self.types, operation, &mut request.variables)
            .and_then(|()| self.with_variable_values(&admitted, name, operation, &request.variables))
            .map_err(|failure| self.visible_variable_error(failure, operation, &request.variables, caller))?;
        self.check_costs(&operation)?;
        let document = single_operation(operation);
        if self.introspection(caller) == Introspection::Full {
            request = request.data(SchemaView::Whole);
        }
        if admitted.has_introspection {
            request = request.data(SeenTypes::by(self.views.policy()));
        }
        let name = name.cloned();
        Ok(AdmittedRequest { request, name, admitted, document })
    }

    /// Substitutes variable values into the operation.
    fn with_variable_values(
        &self,
        admitted: &AdmittedDocument,
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

    /// Checks everything that depends only on the text.
    async fn parse(&self, text: &str) -> Result<AdmittedDocument, AdmissionError> {
        let Settings { limits, introspection, .. } = &self.settings;
        nesting::check(text, limits)?;
        let document = parse_query(text)
            .map_err(|error| Failure::from_library(Code::GraphqlParseFailed, without_source_line(error.into())))?;
        budget::check(&document, limits)?;
        if *introspection == Introspection::Off {
            introspection::refuse(&document)?;
        }
        self.validate(text, &document).await?;
        let (normal, fields) = self.normal_form(&document)?;
        let asks_for_schema = introspection::is_introspection_only(&document);
        let has_introspection = introspection::is_asked_for(&document);
        let decides = |operation: &OperationDefinition| !deciding_variables(&document, operation).is_empty();
        let is_conditional = document.operations.iter().any(|(_, operation)| decides(&operation.node));
        let conditional = is_conditional.then_some(document);
        Ok(AdmittedDocument { document: normal, conditional, fields, asks_for_schema, has_introspection })
    }

    async fn validate(&self, text: &str, document: &ExecutableDocument) -> Result<(), AdmissionError> {
        let errors = caller_view::validate(&self.types, &self.validator, text, document).await;
        if errors.is_empty() { Ok(()) } else { Err(errors.into()) }
    }

    /// The document with every operation in normal form, and the number of fields in it.
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
        normalized_operation::normalize(&self.types, document, operation, variables, maximum).map_err(|reason| {
            match reason {
                NotNormal::TooLarge => normal_form::too_large(maximum),
                NotNormal::Conflict(conflict) => unmergeable(conflict),
            }
        })
    }
}

fn unmergeable(Conflict { key, places }: Conflict) -> Failure {
    let message = format!("The fields `{key}` have different names or arguments. Give one of them another alias.");
    let error = ServerError { locations: places.into(), ..ServerError::new(message, None) };
    Failure::from_library(Code::GraphqlValidationFailed, error)
}

fn single_operation(operation: OperationDefinition) -> ExecutableDocument {
    let at = operation.selection_set.pos;
    let operations = DocumentOperations::Single(Positioned::new(operation, at));
    ExecutableDocument { operations, fragments: HashMap::new() }
}

/// Removes the source line from a parser error, because it can contain a password.
fn without_source_line(mut error: ServerError) -> ServerError {
    if let Some((_, reason)) = error.message.lines().last().and_then(|line| line.split_once(" = ")) {
        error.message = format!("The document is not valid GraphQL: {reason}.");
    }
    error
}

/// The operation of `document` that the request selects, with its name.
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
        Some(_) => "The document has no operation with the name in `operationName`.",
        None => "The document has several operations. Set `operationName` to the one to run.",
    };
    found
        .map(|(name, operation)| (name, &operation.node))
        .ok_or_else(|| Failure::new(Code::OperationResolutionFailure, reason))
}
