//! `@exposes`: the fields that an argument exposes. A caller who filters or sorts by a value learns it bit by bit, so
//! the argument requires what the field requires. The rules come from the schema's field and are not repeated: if they
//! change, the argument follows.
//!
//! The directive stands on an argument, an input field or an enum value. The check that [`guarded`](crate::guarded)
//! generates enforces it during execution; evaluation before execution reads the same declarations.
//!
//! ```
//! use async_graphql::InputObject;
//! use fieldguard_guard::exposes::Exposes;
//!
//! #[derive(InputObject)]
//! struct PatientFilter {
//!     /// The prefix of the phone number.
//!     #[graphql(directive = Exposes::apply(&["Patient.phone"]))]
//!     phone_prefix: Option<String>,
//! }
//! ```

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    convert::Infallible,
};

use async_graphql::{
    Context, Error, Name, TypeDirective, Value,
    indexmap::IndexMap,
    parser::types::Field,
    registry::{
        __DirectiveLocation, MetaDirective, MetaDirectiveInvocation, MetaField, MetaInputValue, MetaType, MetaTypeName,
        Registry, location_traits,
    },
};
use fieldguard_policy::rule::Rule;

use crate::{
    caller::Caller,
    code::{Code, INTERNAL_MESSAGE},
    coordinate,
    failure::Failure,
    refusal,
    registry::{self, Member, Policy},
};

const EXPOSES: &str = "exposes";
const FIELDS: &str = "fields";

/// The `@exposes` directive.
#[derive(Debug, Clone, Copy)]
pub struct Exposes;

impl Exposes {
    /// The directive for a value that exposes the fields at these coordinates, `Type.field`.
    #[must_use]
    pub fn apply(fields: &[&str]) -> MetaDirectiveInvocation {
        let fields = Value::List(fields.iter().map(|field| Value::from(*field)).collect());
        MetaDirectiveInvocation { name: EXPOSES.to_owned(), args: IndexMap::from_iter([(FIELDS.to_owned(), fields)]) }
    }
}

impl TypeDirective for Exposes {
    fn name(&self) -> Cow<'static, str> {
        EXPOSES.into()
    }

    fn register(&self, registry: &mut Registry) {
        let fields = MetaInputValue {
            description: Some("The coordinates of the fields, as `Type.field`.".to_owned()),
            ..MetaInputValue::new(FIELDS, "[String!]!")
        };
        registry.add_directive(MetaDirective {
            name: EXPOSES.to_owned(),
            description: Some(
                "The caller learns the values of these fields by using this argument, input field or enum value, so it requires what they require of a caller who is not the owner."
                    .to_owned(),
            ),
            locations: vec![
                __DirectiveLocation::ARGUMENT_DEFINITION,
                __DirectiveLocation::INPUT_FIELD_DEFINITION,
                __DirectiveLocation::ENUM_VALUE,
            ],
            args: IndexMap::from_iter([(FIELDS.to_owned(), fields)]),
            is_repeatable: false,
            visible: None,
            composable: None,
        });
    }
}

impl location_traits::Directive_At_ARGUMENT_DEFINITION for Exposes {}
impl location_traits::Directive_At_INPUT_FIELD_DEFINITION for Exposes {}
impl location_traits::Directive_At_ENUM_VALUE for Exposes {}

fn declared(directives: &[MetaDirectiveInvocation]) -> Vec<String> {
    let fields =
        directives.iter().find(|directive| directive.name == EXPOSES).and_then(|directive| directive.args.get(FIELDS));
    let Some(Value::List(fields)) = fields else { return Vec::new() };
    let text = |field: &Value| if let Value::String(text) = field { Some(text.clone()) } else { None };
    fields.iter().filter_map(text).collect()
}

/// The declarations in `registry`: the coordinate of each argument, input field or enum value, with the coordinate of
/// the field that it exposes.
pub(crate) fn declarations(registry: &Registry) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut add = |place: &dyn Fn() -> String, directives: &[MetaDirectiveInvocation]| {
        all.extend(declared(directives).into_iter().map(|field| (place(), field)));
    };
    for ty in registry.types.values() {
        let name = ty.name();
        for field in ty.fields().into_iter().flat_map(IndexMap::values) {
            for argument in field.args.values() {
                let place = || format!("{name}.{}({}:)", field.name, argument.name);
                add(&place, &argument.directive_invocations);
            }
        }
        match ty {
            MetaType::InputObject { input_fields, .. } => {
                for input in input_fields.values() {
                    add(&|| format!("{name}.{}", input.name), &input.directive_invocations);
                }
            }
            MetaType::Enum { enum_values, .. } => {
                for value in enum_values.values() {
                    add(&|| format!("{name}.{}", value.name), &value.directive_invocations);
                }
            }
            _ => {}
        }
    }
    all
}

/// A field that an argument exposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    /// The path of the value that exposes the field, starting with the argument: `filter.email`. For an enum value in
    /// an input object it is the path of the object.
    pub argument: String,
    /// The coordinate of the exposed field, `Type.field`.
    pub coordinate: String,
    /// Whether the field is personal: one of its rules has `or_self`.
    pub is_personal: bool,
}

/// The fields that the arguments of the field in `ctx` expose, for a server that logs reads. The field is running, so
/// the caller may read them all.
#[must_use]
pub fn exposed(ctx: &Context<'_>) -> Vec<Exposed> {
    let policy = registry::policy(ctx);
    let exposed = |(argument, coordinate): (String, &str)| {
        let rules = policy.member(coordinate).map(|member| member.rules.as_slice()).unwrap_or_default();
        let is_personal = rules.iter().any(Rule::yields_to_owner);
        Exposed { argument, coordinate: coordinate.to_owned(), is_personal }
    };
    exposed_fields(&policy, ctx, &coordinate::of(ctx, None)).into_iter().map(exposed).collect()
}

/// Checks the arguments of the field in `ctx` against the rules of the fields that they expose. This happens before any
/// lookup, because a denial must not depend on the data. A filter exposes values of all owners, so the caller does not
/// pass as an owner.
pub(crate) fn check(ctx: &Context<'_>, type_name: fn() -> Cow<'static, str>) -> Result<(), Error> {
    let policy = registry::policy(ctx);
    if !policy.has_exposing_arguments() {
        return Ok(());
    }
    let caller = Caller::of(ctx);
    for (argument, coordinate) in exposed_fields(&policy, ctx, &coordinate::of(ctx, Some(type_name))) {
        let Some(member) = policy.member(coordinate).filter(|member| !member.rules.is_empty()) else {
            return Err(Failure::new(Code::InternalServerError, INTERNAL_MESSAGE).into());
        };
        for rule in &member.rules {
            let decision = rule.decide(caller, false);
            let refused =
                |reason| refusal::of_argument(policy.conventions(), rule, reason, coordinate, &argument, caller);
            decision.map_err(refused)?;
        }
    }
    Ok(())
}

fn exposed_fields<'a>(policy: &'a Policy, ctx: &Context<'_>, coordinate: &str) -> Vec<(String, &'a str)> {
    let variable = |name: &Name| ctx.query_env.variables.get(name).cloned();
    let member = policy.member(coordinate);
    member.map(|member| policy.exposing().exposed_fields(member, &ctx.item.node, variable)).unwrap_or_default()
}

/// A value that may expose fields: an argument or an input field.
#[derive(Debug)]
pub(crate) struct Input {
    name: String,
    /// The coordinates of the exposed fields.
    fields: Vec<String>,
    /// The named type, without lists and non-null markers.
    ty: String,
}

impl Input {
    fn of(value: &MetaInputValue) -> Self {
        Self {
            name: value.name.clone(),
            fields: declared(&value.directive_invocations),
            ty: MetaTypeName::concrete_typename(&value.ty).to_owned(),
        }
    }
}

/// The input types of a schema whose values expose fields, by name.
#[derive(Debug, Default)]
pub(crate) struct Exposing(HashMap<String, Kind>);

#[derive(Debug)]
enum Kind {
    Object(Vec<Input>),
    /// The enum values that expose fields.
    Enum(Vec<(String, Vec<String>)>),
}

impl Exposing {
    /// The input types in `registry` that expose fields.
    pub(crate) fn of(registry: &Registry) -> Self {
        let mut types: HashMap<_, _> =
            registry.types.values().filter_map(|ty| Some((ty.name().to_owned(), Kind::of(ty)?))).collect();
        let mut exposing: HashSet<String> = HashSet::new();
        // An input object exposes what the types of its fields expose. Types can be recursive.
        loop {
            let exposes = |(name, kind): (&String, &Kind)| {
                (!exposing.contains(name) && kind.exposes_fields(&exposing)).then(|| name.clone())
            };
            let more: Vec<_> = types.iter().filter_map(exposes).collect();
            if more.is_empty() {
                break;
            }
            exposing.extend(more);
        }
        types.retain(|name, _| exposing.contains(name));
        Self(types)
    }

    /// The arguments of `field` that may expose fields.
    pub(crate) fn arguments(&self, field: &MetaField) -> Vec<Input> {
        let inputs = field.args.values().map(Input::of);
        inputs.filter(|input| !input.fields.is_empty() || self.0.contains_key(&input.ty)).collect()
    }

    /// The coordinates that the arguments of `member` in a document expose, each with the path of the value, in schema
    /// order. A variable without a value in `variable` may have any value.
    pub(crate) fn exposed_fields<'a>(
        &'a self,
        member: &'a Member,
        field: &Field,
        variable: impl Fn(&Name) -> Option<Value>,
    ) -> Vec<(String, &'a str)> {
        let mut walk = Walk { types: self, entered: Vec::new(), found: Vec::new() };
        for input in &member.exposing {
            let Some(value) = field.get_argument(&input.name) else { continue };
            let value = value.node.clone();
            let known = |name| Ok::<_, Infallible>(variable(&name).unwrap_or_else(unknown));
            let Ok(value) = value.into_const_with(known);
            walk.input(input, None, &value);
        }
        let mut seen = HashSet::new();
        walk.found.retain(|exposed| seen.insert(exposed.clone()));
        walk.found
    }
}

impl Kind {
    fn of(ty: &MetaType) -> Option<Self> {
        match ty {
            MetaType::InputObject { input_fields, .. } => {
                Some(Self::Object(input_fields.values().map(Input::of).collect()))
            }
            MetaType::Enum { enum_values, .. } => {
                let values =
                    enum_values.values().map(|value| (value.name.clone(), declared(&value.directive_invocations)));
                Some(Self::Enum(values.filter(|(_, fields)| !fields.is_empty()).collect()))
            }
            _ => None,
        }
    }

    /// Whether values of the type expose fields, given that the types in `exposing` do.
    fn exposes_fields(&self, exposing: &HashSet<String>) -> bool {
        match self {
            Self::Object(inputs) => inputs.iter().any(|input| !input.fields.is_empty() || exposing.contains(&input.ty)),
            Self::Enum(values) => !values.is_empty(),
        }
    }
}

/// A placeholder for an unknown value. No document contains bytes.
fn unknown() -> Value {
    Value::Binary(Vec::new().into())
}

/// A walk through argument values.
struct Walk<'a> {
    types: &'a Exposing,
    /// The types of the unknown values that contain the current one. A type inside itself exposes nothing new.
    entered: Vec<&'a str>,
    found: Vec<(String, &'a str)>,
}

impl<'a> Walk<'a> {
    /// An argument, or a field of the input object at `object`.
    fn input(&mut self, input: &'a Input, object: Option<&str>, value: &Value) {
        if *value == Value::Null {
            return;
        }
        let place = object.map_or_else(|| input.name.clone(), |object| format!("{object}.{}", input.name));
        self.add(&place, &input.fields);
        match self.types.0.get(&input.ty) {
            Some(Kind::Object(inputs)) => self.object(inputs, &input.ty, &place, value),
            Some(Kind::Enum(values)) => self.enum_value(values, object.unwrap_or(&place), value),
            None => {}
        }
    }

    fn object(&mut self, inputs: &'a [Input], ty: &'a str, place: &str, value: &Value) {
        match value {
            Value::List(values) => {
                for value in values {
                    self.object(inputs, ty, place, value);
                }
            }
            Value::Object(given) => {
                for input in inputs {
                    if let Some(value) = given.get(input.name.as_str()) {
                        self.input(input, Some(place), value);
                    }
                }
            }
            Value::Binary(_) if !self.entered.contains(&ty) => {
                self.entered.push(ty);
                for input in inputs {
                    self.input(input, Some(place), value);
                }
                self.entered.pop();
            }
            _ => {}
        }
    }

    /// An enum value. In variables it is a string.
    fn enum_value(&mut self, values: &'a [(String, Vec<String>)], place: &str, value: &Value) {
        let is_or_may_be = |name: &str| match value {
            Value::Enum(chosen) => chosen == name,
            Value::String(chosen) => chosen == name,
            other => matches!(other, Value::Binary(_)),
        };
        if let Value::List(chosen) = value {
            for value in chosen {
                self.enum_value(values, place, value);
            }
        }
        for (_, fields) in values.iter().filter(|(name, _)| is_or_may_be(name)) {
            self.add(place, fields);
        }
    }

    fn add(&mut self, place: &str, fields: &'a [String]) {
        self.found.extend(fields.iter().map(|field| (place.to_owned(), field.as_str())));
    }
}
