//! What is wrong with a document, told by what its caller sees of the schema: hidden types, arguments and input fields are not
//! named, as if they did not exist. A hidden field is refused, as it is in a document that is valid.

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

/// How many views are kept. There are about as many as sets of roles that accounts have.
const VIEWS: usize = 32;

/// The parts of a schema that callers see.
pub(super) struct CallerViews {
    registry: Registry,
    policy: Arc<Policy>,
    /// By the fields that are seen, in the order of the policy.
    known: Cache<Vec<bool>, Arc<View>>,
}

/// The part of a schema that a caller sees.
struct View {
    types: TypeSystem,
    validator: Validator,
}

impl CallerViews {
    /// For the completed schema in `registry`, whose rules `policy` holds.
    pub(super) fn new(registry: &Registry, policy: Arc<Policy>) -> Self {
        Self { registry: registry::copy(registry), policy, known: Cache::new(VIEWS) }
    }

    pub(super) const fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// What is wrong with an invalid `document`, whose text is `text`, as far as `caller` may know.
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
        let is_of_hidden = |error: &ServerError| hidden.iter().any(|it| error.locations.contains(&it.pos));
        errors.retain(|error| !is_of_hidden(error));
        errors.extend(hidden.into_iter().map(|hidden| hidden.refusal(self.policy.conventions(), caller)));
        if errors.is_empty() {
            errors.push(unfit(None));
        }
        errors
    }

    /// The refusals of the fields in `document` that `caller` does not see.
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
        let made = self.known.get_or_insert_with(&key, || {
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
    ) -> Vec<Hidden<'a>> {
        let seen = &view.types;
        let mut walk =
            Walk { types, seen, policy: &self.policy, document, caller, spread: HashSet::new(), found: Vec::new() };
        for (_, operation) in document.operations.iter() {
            walk.operation(&operation.node);
        }
        walk.found
    }
}

/// What the schema has against `document`: its values are looked at first, since their errors are the more exact ones.
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

/// The errors without a name of the schema, for where no caller may learn one.
pub(super) fn without_names(errors: &[ServerError]) -> Vec<ServerError> {
    let mut places = HashSet::new();
    let first = errors.iter().map(|error| error.locations.first().copied());
    first.filter(|place| places.insert(place.map(|it| (it.line, it.column)))).map(unfit).collect()
}

fn unfit(place: Option<Pos>) -> ServerError {
    ServerError::new("The document does not fit the schema here.", place)
}

/// A field that the caller does not see.
struct Hidden<'a> {
    member: &'a Member,
    pos: Pos,
}

impl Hidden<'_> {
    fn refusal(&self, conventions: &Conventions, caller: Option<&dyn Principal>) -> ServerError {
        let mut hiding = self.member.rules.iter().filter(|rule| !is_seen(slice::from_ref(rule), caller));
        let refused = hiding.find_map(|rule| Some((rule, rule.decide(caller, false).err()?)));
        let (rule, reason) = refused.expect("a field is hidden by a rule that refuses the caller");
        refusal::of(conventions, &self.member.coordinate, rule, reason, caller).into_server_error(self.pos)
    }
}

/// A walk through a document, each fragment once.
struct Walk<'a> {
    types: &'a TypeSystem,
    /// The types that the caller sees. Fragments on others lead nowhere.
    seen: &'a TypeSystem,
    policy: &'a Policy,
    document: &'a ExecutableDocument,
    caller: Option<&'a dyn Principal>,
    /// The fragments that have been walked through.
    spread: HashSet<&'a str>,
    found: Vec<Hidden<'a>>,
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
                    let on = inline.node.type_condition.as_ref().map(|it| it.node.on.node.as_str());
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
                self.found.push(Hidden { member, pos: field.pos });
                return;
            }
            self.on(&member.target, &field.node.selection_set.node);
        }
    }
}
