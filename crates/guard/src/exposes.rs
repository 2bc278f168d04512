//! `@exposes`: of which fields an argument tells. A caller who filters or sorts by a value reads it, a bit with every question;
//! so such an argument is held to the rules of the field. They are the ones the schema has for that field and stand nowhere
//! else: where they change, the argument changes with them.
//!
//! It stands on an argument, on a field of an input object, or on a value of an enum. The check that
//! [`guarded`](crate::guarded) makes holds a running field to it; what judges a document beforehand reads the same declarations.
//!
//! ```
//! use async_graphql::InputObject;
//! use fieldguard_guard::exposes::Exposes;
//!
//! #[derive(InputObject)]
//! struct PatientFilter {
//!     /// How the telephone number begins.
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

/// `@exposes`: of which fields an argument tells.
#[derive(Debug, Clone, Copy)]
pub struct Exposes;

impl Exposes {
    /// The directive for a value that tells of the fields at these coordinates, `Type.field`.
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
                "A caller learns the values of these fields by giving this: it needs what they need, as anyone but their owner."
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
    let fields = directives.iter().find(|directive| directive.name == EXPOSES).and_then(|it| it.args.get(FIELDS));
    let Some(Value::List(fields)) = fields else { return Vec::new() };
    let text = |field: &Value| if let Value::String(text) = field { Some(text.clone()) } else { None };
    fields.iter().filter_map(text).collect()
}

/// What each argument, input field and value of an enum in `registry` tells of: its coordinate, and that of a field.
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

/// A field of which an argument tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    /// The way to the value that tells of it, from the argument: `filter.email`. For a value of an enum that stands in an input
    /// object, the way to the object.
    pub argument: String,
    /// The coordinate of the field it tells of, `Type.field`.
    pub coordinate: String,
    /// Is the field personal, that is: does a rule of it make way for the owner?
    pub is_personal: bool,
}

/// The fields of which the arguments tell that are given to the field in `ctx`, for a server that records what is read. The field
/// runs, so the caller may read them all.
#[must_use]
pub fn exposed(ctx: &Context<'_>) -> Vec<Exposed> {
    let policy = registry::policy(ctx);
    let exposed = |(argument, coordinate): (String, &str)| {
        let rules = policy.member(coordinate).map(|member| member.rules.as_slice()).unwrap_or_default();
        let is_personal = rules.iter().any(Rule::yields_to_owner);
        Exposed { argument, coordinate: coordinate.to_owned(), is_personal }
    };
    told(&policy, ctx, &coordinate::of(ctx, None)).into_iter().map(exposed).collect()
}

/// Holds the arguments that are given to the field in `ctx` to the rules of the fields of which they tell. It is done before
/// anything is looked up: a refusal must not depend on what there is. A filter tells of everyone's values, so the caller does not
/// pass as an owner.
pub(crate) fn check(ctx: &Context<'_>, type_name: fn() -> Cow<'static, str>) -> Result<(), Error> {
    let policy = registry::policy(ctx);
    if !policy.has_exposing_arguments() {
        return Ok(());
    }
    let caller = Caller::of(ctx);
    for (argument, coordinate) in told(&policy, ctx, &coordinate::of(ctx, Some(type_name))) {
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

fn told<'a>(policy: &'a Policy, ctx: &Context<'_>, coordinate: &str) -> Vec<(String, &'a str)> {
    let variable = |name: &Name| ctx.query_env.variables.get(name).cloned();
    let member = policy.member(coordinate);
    member.map(|member| policy.exposing().told(member, &ctx.item.node, variable)).unwrap_or_default()
}

/// A value that may tell of fields: an argument, or a field of an input object.
#[derive(Debug)]
pub(crate) struct Input {
    name: String,
    /// The coordinates of which it tells where it is given.
    fields: Vec<String>,
    /// Its type, lists and nulls peeled off.
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

/// The input types of a schema whose values tell of fields, by name.
#[derive(Debug, Default)]
pub(crate) struct Exposing(HashMap<String, Kind>);

#[derive(Debug)]
enum Kind {
    Object(Vec<Input>),
    /// Its values that tell of fields.
    Enum(Vec<(String, Vec<String>)>),
}

impl Exposing {
    /// Those in `registry`.
    pub(crate) fn of(registry: &Registry) -> Self {
        let mut types: HashMap<_, _> =
            registry.types.values().filter_map(|ty| Some((ty.name().to_owned(), Kind::of(ty)?))).collect();
        let mut telling: HashSet<String> = HashSet::new();
        // An input object tells of what the types of its fields tell of, which may be itself.
        loop {
            let tells = |(name, kind): (&String, &Kind)| {
                (!telling.contains(name) && kind.tells(&telling)).then(|| name.clone())
            };
            let more: Vec<_> = types.iter().filter_map(tells).collect();
            if more.is_empty() {
                break;
            }
            telling.extend(more);
        }
        types.retain(|name, _| telling.contains(name));
        Self(types)
    }

    /// The arguments of `field` that may tell of fields.
    pub(crate) fn arguments(&self, field: &MetaField) -> Vec<Input> {
        let inputs = field.args.values().map(Input::of);
        inputs.filter(|input| !input.fields.is_empty() || self.0.contains_key(&input.ty)).collect()
    }

    /// Of which coordinates the arguments tell that a document gives to `member`, each with the way to the value that does, in
    /// the order of the schema. A variable that `variable` does not know may have any value.
    pub(crate) fn told<'a>(
        &'a self,
        member: &'a Member,
        field: &Field,
        variable: impl Fn(&Name) -> Option<Value>,
    ) -> Vec<(String, &'a str)> {
        let mut walk = Walk { types: self, entered: Vec::new(), told: Vec::new() };
        for input in &member.exposing {
            let Some(value) = field.get_argument(&input.name) else { continue };
            let value = value.node.clone();
            let known = |name| Ok::<_, Infallible>(variable(&name).unwrap_or_else(unknown));
            let Ok(value) = value.into_const_with(known);
            walk.input(input, None, &value);
        }
        let mut seen = HashSet::new();
        walk.told.retain(|it| seen.insert(it.clone()));
        walk.told
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

    /// Do its values tell of fields, where those of the types in `telling` do?
    fn tells(&self, telling: &HashSet<String>) -> bool {
        match self {
            Self::Object(inputs) => inputs.iter().any(|input| !input.fields.is_empty() || telling.contains(&input.ty)),
            Self::Enum(values) => !values.is_empty(),
        }
    }
}

/// No document holds bytes: they stand for a value that is not known.
fn unknown() -> Value {
    Value::Binary(Vec::new().into())
}

/// A walk through the values of arguments.
struct Walk<'a> {
    types: &'a Exposing,
    /// The types of the unknown values that the walk is in. One within itself tells nothing new.
    entered: Vec<&'a str>,
    told: Vec<(String, &'a str)>,
}

impl<'a> Walk<'a> {
    /// The value of an argument, or of a field of the input object at `object`.
    fn input(&mut self, input: &'a Input, object: Option<&str>, value: &Value) {
        if *value == Value::Null {
            return;
        }
        let place = object.map_or_else(|| input.name.clone(), |object| format!("{object}.{}", input.name));
        self.tell(&place, &input.fields);
        match self.types.0.get(&input.ty) {
            Some(Kind::Object(inputs)) => self.object(inputs, &input.ty, &place, value),
            Some(Kind::Enum(values)) => self.choice(values, object.unwrap_or(&place), value),
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

    /// The value of an enum. In variables, those are texts.
    fn choice(&mut self, values: &'a [(String, Vec<String>)], place: &str, value: &Value) {
        let is_or_may_be = |name: &str| match value {
            Value::Enum(chosen) => chosen == name,
            Value::String(chosen) => chosen == name,
            other => matches!(other, Value::Binary(_)),
        };
        if let Value::List(chosen) = value {
            for value in chosen {
                self.choice(values, place, value);
            }
        }
        for (_, fields) in values.iter().filter(|(name, _)| is_or_may_be(name)) {
            self.tell(place, fields);
        }
    }

    fn tell(&mut self, place: &str, fields: &'a [String]) {
        self.told.extend(fields.iter().map(|field| (place.to_owned(), field.as_str())));
    }
}
