//! The types of a schema for reading documents: the fields of a type, its possible object types, and the accepted
//! argument values. Computed once from the completed schema, without rules and descriptions.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    indexmap::IndexMap,
    parser::types::{BaseType, OperationType, Type},
    registry::{MetaDirective, MetaField, MetaInputValue, MetaType, MetaTypeName, Registry, ScalarValidatorFn},
};

use super::sizes::Sizes;
use crate::cost_directives;

/// The types of a schema by name.
#[derive(Default)]
pub struct TypeSystem {
    query: String,
    mutation: Option<String>,
    subscription: Option<String>,
    composites: HashMap<String, Composite>,
    inputs: HashMap<String, InputKind>,
    directives: HashMap<String, Inputs>,
}

/// An object, an interface or a union.
pub struct Composite {
    /// The type's name.
    pub name: String,
    /// The object types of its values in schema order; for an object only itself.
    pub possible: Vec<String>,
    fields: HashMap<String, OutputField>,
}

/// A field of an object or an interface.
pub struct OutputField {
    /// The named type of the field, without lists and non-null markers.
    pub target: String,
    /// The arguments.
    pub arguments: Inputs,
    /// Whether the field is a list.
    pub is_list: bool,
    /// The cost, where a plain field costs 1.
    pub weight: usize,
    /// The number of entries, if the schema declares it.
    pub assumed_size: Option<usize>,
    /// The `@exclusive` group, if the field has one.
    pub exclusive: Option<String>,
    /// The arguments that set the page size, each with its default.
    pub page_arguments: Vec<(String, Option<usize>)>,
    /// The paths of arguments and input fields that are lists.
    pub list_arguments: Vec<Path>,
    /// The paths of arguments and input fields with a cost, and the cost per value or list entry.
    pub weighed_arguments: Vec<(Path, usize)>,
}

/// The path of an argument, or of a field of the input object in an argument: one name or two.
pub type Path = Vec<String>;

/// The arguments of a field or directive, or the fields of an input object, by name.
pub type Inputs = IndexMap<String, Input>;

/// An argument or an input field.
pub struct Input {
    /// The type.
    pub ty: Type,
    /// Whether it has a default value.
    pub has_default: bool,
    /// The cost of a value, or of each entry of a list.
    pub weight: usize,
}

/// A named input type.
pub enum InputKind {
    /// A scalar, with the schema's validator if it has one.
    Scalar(Option<ScalarValidatorFn>),
    /// An enum, with its values.
    Enum(HashSet<String>),
    /// An input object.
    Object {
        /// The fields.
        fields: Inputs,
        /// Whether exactly one field must be given.
        is_one_of: bool,
    },
}

impl TypeSystem {
    /// The types in `registry`.
    #[must_use]
    pub fn of(registry: &Registry) -> Self {
        let mut types = Self {
            query: registry.query_type.clone(),
            mutation: registry.mutation_type.clone(),
            subscription: registry.subscription_type.clone(),
            directives: registry.directives.values().map(|directive| (directive.name.clone(), of(directive))).collect(),
            ..Self::default()
        };
        for ty in registry.types.values() {
            if let Some(kind) = InputKind::of(ty) {
                types.inputs.insert(ty.name().to_owned(), kind);
            } else if ty.is_composite() {
                types.composites.insert(ty.name().to_owned(), Composite::of(ty));
            }
        }
        types.collect_argument_costs();
        types.add_introspection(&Sizes::of(registry));
        types
    }

    /// The root type of this kind of operation.
    #[must_use]
    pub fn root(&self, kind: OperationType) -> Option<&Composite> {
        self.composite(match kind {
            OperationType::Query => &self.query,
            OperationType::Mutation => self.mutation.as_deref()?,
            OperationType::Subscription => self.subscription.as_deref()?,
        })
    }

    /// The object, interface or union `name`.
    #[must_use]
    pub fn composite(&self, name: &str) -> Option<&Composite> {
        self.composites.get(name)
    }

    /// The input type `name`.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<&InputKind> {
        self.inputs.get(name)
    }

    /// The arguments of the directive `name`.
    #[must_use]
    pub fn directive(&self, name: &str) -> Option<&Inputs> {
        self.directives.get(name)
    }

    fn collect_argument_costs(&mut self) {
        for field in self.composites.values_mut().flat_map(|ty| ty.fields.values_mut()) {
            let inputs = inputs_within(&field.arguments, &self.inputs);
            let is_list = |input: &Input| matches!(input.ty.base, BaseType::List(_));
            field.list_arguments =
                inputs.iter().filter(|(_, input)| is_list(input)).map(|(path, _)| path.clone()).collect();
            field.weighed_arguments = inputs
                .into_iter()
                .filter(|(_, input)| input.weight > 0)
                .map(|(path, input)| (path, input.weight))
                .collect();
        }
    }

    /// Adds the root fields of introspection, which the registry does not list, and the lengths of introspection lists.
    fn add_introspection(&mut self, sizes: &Sizes) {
        for ty in self.composites.values_mut() {
            for (name, field) in &mut ty.fields {
                field.assumed_size = sizes.of_field(&ty.name, name).or(field.assumed_size);
            }
        }
        let name =
            Input { ty: Type::new("String!").expect("`String!` is a valid type"), has_default: false, weight: 0 };
        if let Some(query) = self.composites.get_mut(&self.query) {
            query.fields.insert("__schema".to_owned(), OutputField::plain("__Schema"));
            let ty = OutputField {
                arguments: Inputs::from_iter([("name".to_owned(), name)]),
                is_list: true,
                assumed_size: Some(sizes.of_named_type()),
                ..OutputField::plain("__Type")
            };
            query.fields.insert("__type".to_owned(), ty);
        }
    }
}

impl Composite {
    fn of(ty: &MetaType) -> Self {
        let fields = ty
            .fields()
            .into_iter()
            .flat_map(IndexMap::values)
            .map(|field| (field.name.clone(), OutputField::of(field)));
        let possible = match ty.possible_types() {
            Some(possible) if ty.is_abstract() => possible.iter().cloned().collect(),
            _ => vec![ty.name().to_owned()],
        };
        Self { name: ty.name().to_owned(), possible, fields: fields.collect() }
    }

    /// The field `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&OutputField> {
        self.fields.get(name)
    }
}

impl OutputField {
    fn of(field: &MetaField) -> Self {
        Self {
            arguments: inputs(&field.args),
            is_list: field.ty.starts_with('['),
            weight: cost_directives::weight(&field.directive_invocations).unwrap_or(1),
            assumed_size: cost_directives::assumed_size(&field.directive_invocations),
            exclusive: cost_directives::exclusive(&field.directive_invocations),
            page_arguments: page_arguments(&field.args),
            ..Self::plain(MetaTypeName::concrete_typename(&field.ty))
        }
    }

    fn plain(target: &str) -> Self {
        Self {
            target: target.to_owned(),
            arguments: Inputs::new(),
            is_list: false,
            weight: 1,
            assumed_size: None,
            exclusive: None,
            page_arguments: Vec::new(),
            list_arguments: Vec::new(),
            weighed_arguments: Vec::new(),
        }
    }
}

/// The page size arguments of a Relay connection.
fn page_arguments(arguments: &IndexMap<String, MetaInputValue>) -> Vec<(String, Option<usize>)> {
    let is_size = |argument: &&MetaInputValue| {
        ["first", "last"].contains(&argument.name.as_str()) && argument.ty.trim_end_matches('!') == "Int"
    };
    let default = |argument: &MetaInputValue| argument.default_value.as_ref()?.parse().ok();
    arguments.values().filter(is_size).map(|argument| (argument.name.clone(), default(argument))).collect()
}

/// The `arguments`, and the fields of those that are input objects, each with its path.
fn inputs_within<'a>(arguments: &'a Inputs, inputs: &'a HashMap<String, InputKind>) -> Vec<(Path, &'a Input)> {
    let below = |name: &str, input: &Input| match &input.ty.base {
        BaseType::Named(ty) => match inputs.get(ty.as_str()) {
            Some(InputKind::Object { fields, .. }) => {
                fields.iter().map(|(field, input)| (vec![name.to_owned(), field.clone()], input)).collect()
            }
            _ => Vec::new(),
        },
        BaseType::List(_) => Vec::new(),
    };
    let within = |(name, input): (&'a String, &'a Input)| {
        std::iter::once((vec![name.clone()], input)).chain(below(name, input)).collect::<Vec<_>>()
    };
    arguments.iter().flat_map(within).collect()
}

impl InputKind {
    fn of(ty: &MetaType) -> Option<Self> {
        match ty {
            MetaType::Scalar { is_valid, .. } => Some(Self::Scalar(is_valid.clone())),
            MetaType::Enum { enum_values, .. } => Some(Self::Enum(enum_values.keys().cloned().collect())),
            MetaType::InputObject { input_fields, oneof, .. } => {
                Some(Self::Object { fields: inputs(input_fields), is_one_of: *oneof })
            }
            MetaType::Object { .. } | MetaType::Interface { .. } | MetaType::Union { .. } => None,
        }
    }
}

fn of(directive: &MetaDirective) -> Inputs {
    inputs(&directive.args)
}

/// Skips an input whose type can't be parsed: async-graphql checks it during execution.
fn inputs(declared: &IndexMap<String, MetaInputValue>) -> Inputs {
    let input = |input: &MetaInputValue| {
        let weight = cost_directives::weight(&input.directive_invocations).unwrap_or_default();
        let (ty, has_default) = (Type::new(&input.ty)?, input.default_value.is_some());
        Some((input.name.clone(), Input { ty, has_default, weight }))
    };
    declared.values().filter_map(input).collect()
}
