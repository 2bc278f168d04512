//! Validation errors limited to what the caller sees of the schema. Hidden types, arguments and input fields are not
//! named, as if they did not exist. A hidden field is denied, as in a valid document.

use std::{collections::HashSet, slice, sync::Arc};

use async_graphql::{
    Pos, Positioned, ServerError,
    parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet},
    registry::Registry,
};
use fieldguard_policy::Principal;
use quick_cache::sync::Cache;

use super::{
    conventions::Conventions,
    input_values, is_seen, refusal,
    registry::{self, Composite, Member, Policy, TypeSystem},
    validation::Validator,
};

/// The number of cached views. There are about as many views as combinations of roles.
const VIEWS: usize = 32;

/// Cached views of a schema, one per set of visible fields.
pub(super) struct CallerViews {
    registry: Registry,
    policy: Arc<Policy>,
    /// The key says for each field, in the order of the policy, whether it is visible.
    views: Cache<Vec<bool>, Arc<View>>,
}

/// The part of a schema that a caller sees.
struct View {
    types: TypeSystem,
    validator: Validator,
}

impl CallerViews {
    /// Creates views of the completed schema in `registry`, with the rules in `policy`.
    pub(super) fn new(registry: &Registry, policy: Arc<Policy>) -> Self {
        Self { registry: registry::copy(registry), policy, views: Cache::new(VIEWS) }
    }

    pub(super) const fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// The errors of an invalid `document` with the source `text`, limited to what `caller` may see.
    pub(super) async fn errors(
        &self,
        types: &TypeSystem,
        text: &str,
        document: &ExecutableDocument,
        caller: Option<&dyn Principal>,
    ) -> Vec<ServerError> {
        let view = self.view(caller);
        let mut errors = validate(&view.types, &view.validator, text, document).await;
        let hidden = self.hidden(types, &view, document, caller);
        let is_of_hidden = |error: &ServerError| hidden.iter().any(|field| error.locations.contains(&field.pos));
        errors.retain(|error| !is_of_hidden(error));
        errors.extend(hidden.into_iter().map(|hidden| hidden.refusal(self.policy.conventions(), caller)));
        if errors.is_empty() {
            errors.push(invalid_at(None));
        }
        errors
    }

    /// The denials of the fields in `document` that `caller` does not see.
    pub(super) fn refusals(
        &self,
        types: &TypeSystem,
        document: &ExecutableDocument,
        caller: Option<&dyn Principal>,
    ) -> Vec<ServerError> {
        let view = self.view(caller);
        let hidden = self.hidden(types, &view, document, caller).into_iter();
        hidden.map(|hidden| hidden.refusal(self.policy.conventions(), caller)).collect()
    }

    fn view(&self, caller: Option<&dyn Principal>) -> Arc<View> {
        let key = self.policy.all().values().map(|member| is_seen(&member.rules, caller)).collect::<Vec<_>>();
        let made = self.views.get_or_insert_with(&key, || {
            let registry = registry::restricted(&self.registry, caller);
            Ok::<_, std::convert::Infallible>(Arc::new(View {
                types: TypeSystem::of(&registry),
                validator: Validator::of(&registry),
            }))
        });
        let Ok(view) = made;
        view
    }

    fn hidden<'a>(
        &'a self,
        types: &'a TypeSystem,
        view: &'a View,
        document: &'a ExecutableDocument,
        caller: Option<&'a dyn Principal>,
    ) -> Vec<HiddenField<'a>> {
        let seen = &view.types;
        let mut walk =
            Walk { types, seen, policy: &self.policy, document, caller, spread: HashSet::new(), found: Vec::new() };
        for (_, operation) in document.operations.iter() {
            walk.operation(&operation.node);
        }
        walk.found
    }
}

/// Validates `document` against the schema. Literal values come first because their errors are more precise.
pub(super) async fn validate(
    types: &TypeSystem,
    validator: &Validator,
    text: &str,
    document: &ExecutableDocument,
) -> Vec<ServerError> {
    let mut errors = input_values::repeated_fields(text);
    if errors.is_empty() {
        errors = input_values::check_literals(types, document);
    }
    if errors.is_empty() {
        errors = validator.check(document).await;
    }
    errors
}

/// Replaces the errors with errors that name nothing of the schema. Keeps one per location.
pub(super) fn without_names(errors: &[ServerError]) -> Vec<ServerError> {
    let mut places = HashSet::new();
    let first = errors.iter().map(|error| error.locations.first().copied());
    first.filter(|place| places.insert(place.map(|pos| (pos.line, pos.column)))).map(invalid_at).collect()
}

fn invalid_at(place: Option<Pos>) -> ServerError {
    ServerError::new("The document is not valid against the schema at this location.", place)
}

/// A field that the caller does not see.
struct HiddenField<'a> {
    member: &'a Member,
    pos: Pos,
}

impl HiddenField<'_> {
    fn refusal(&self, conventions: &Conventions, caller: Option<&dyn Principal>) -> ServerError {
        let mut hiding = self.member.rules.iter().filter(|rule| !is_seen(slice::from_ref(rule), caller));
        let refused = hiding.find_map(|rule| Some((rule, rule.decide(caller, false).err()?)));
        let (rule, reason) = refused.expect("a field is hidden by a rule that refuses the caller");
        refusal::of(conventions, &self.member.coordinate, rule, reason, caller).into_server_error(self.pos)
    }
}

/// A walk through a document that visits each fragment once.
struct Walk<'a> {
    types: &'a TypeSystem,
    /// The types that the caller sees. Fragments on other types are skipped.
    seen: &'a TypeSystem,
    policy: &'a Policy,
    document: &'a ExecutableDocument,
    caller: Option<&'a dyn Principal>,
    /// The fragments already visited.
    spread: HashSet<&'a str>,
    found: Vec<HiddenField<'a>>,
}

impl<'a> Walk<'a> {
    fn operation(&mut self, operation: &'a OperationDefinition) {
        if let Some(root) = self.types.root(operation.ty) {
            self.selections(root, &operation.selection_set.node);
        }
    }

    fn selections(&mut self, ty: &'a Composite, selections: &'a SelectionSet) {
        for selection in &selections.items {
            match &selection.node {
                Selection::Field(field) => self.field(ty, field),
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
                    self.on(on.unwrap_or(&ty.name), &inline.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    let fragment = self.document.fragments.get(name).filter(|_| self.spread.insert(name));
                    if let Some(fragment) = fragment {
                        let on = &fragment.node.type_condition.node.on.node;
                        self.on(on, &fragment.node.selection_set.node);
                    }
                }
            }
        }
    }

    fn on(&mut self, name: &str, selections: &'a SelectionSet) {
        if let (Some(ty), Some(_)) = (self.types.composite(name), self.seen.composite(name)) {
            self.selections(ty, selections);
        }
    }

    fn field(&mut self, ty: &'a Composite, field: &'a Positioned<Field>) {
        let name = field.node.name.node.as_str();
        if let Some(member) = self.policy.find(&ty.name).and_then(|ty| ty.members.get(name)) {
            if !is_seen(&member.rules, self.caller) {
                self.found.push(HiddenField { member, pos: field.pos });
                return;
            }
            self.on(&member.target, &field.node.selection_set.node);
        }
    }
}
