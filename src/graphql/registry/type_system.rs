//! The types of a schema as documents are read against them: which fields a type has, which objects a value of it can be,
//! and which values its arguments take. Read once from the completed schema, without rules and descriptions.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    indexmap::IndexMap,
    parser::types::{OperationType, Type},
    registry::{MetaDirective, MetaInputValue, MetaType, MetaTypeName, Registry, ScalarValidatorFn},
};

/// The types of a schema, by name.
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
    /// Its name.
    pub name: String,
    /// The objects that a value of it can be, in the order of the schema: itself alone, where it is one.
    pub possible: Vec<String>,
    fields: HashMap<String, OutputField>,
}

/// A field of an object or an interface.
pub struct OutputField {
    /// The type behind it, lists and nulls peeled off.
    pub target: String,
    /// Its arguments.
    pub arguments: Inputs,
}

/// The arguments of a field or directive, or the fields of an input object, by name.
pub type Inputs = IndexMap<String, Input>;

/// An argument or a field of an input object.
pub struct Input {
    /// Its type.
    pub ty: Type,
    /// Whether a value stands for it where none is given.
    pub has_default: bool,
}

/// What values of a named input type look like.
pub enum InputKind {
    /// A scalar, with the schema's own judge of constants where it has one.
    Scalar(Option<ScalarValidatorFn>),
    /// An enum, with its values.
    Enum(HashSet<String>),
    /// An input object.
    Object {
        /// Its fields.
        fields: Inputs,
        /// Whether exactly one of its fields is given.
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
        types.add_introspection();
        types
    }

    /// The root type of operations of that kind.
    #[must_use]
    pub fn root(&self, kind: OperationType) -> Option<&Composite> {
        self.composite(match kind {
            OperationType::Query => &self.query,
            OperationType::Mutation => self.mutation.as_deref()?,
            OperationType::Subscription => self.subscription.as_deref()?,
        })
    }

    /// The object, interface or union of that name.
    #[must_use]
    pub fn composite(&self, name: &str) -> Option<&Composite> {
        self.composites.get(name)
    }

    /// The input type of that name.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<&InputKind> {
        self.inputs.get(name)
    }

    /// The arguments of the directive of that name.
    #[must_use]
    pub fn directive(&self, name: &str) -> Option<&Inputs> {
        self.directives.get(name)
    }

    /// Adds the fields through which a query asks for the schema, which the registry does not list.
    fn add_introspection(&mut self) {
        let field = |target: &str, arguments| OutputField { target: target.to_owned(), arguments };
        let name = Input { ty: Type::new("String!").expect("it is a type"), has_default: false };
        if let Some(query) = self.composites.get_mut(&self.query) {
            query.fields.insert("__schema".to_owned(), field("__Schema", Inputs::new()));
            query.fields.insert("__type".to_owned(), field("__Type", Inputs::from_iter([("name".to_owned(), name)])));
        }
    }
}

impl Composite {
    fn of(ty: &MetaType) -> Self {
        let fields = ty.fields().into_iter().flat_map(IndexMap::values).map(|field| {
            let target = MetaTypeName::concrete_typename(&field.ty).to_owned();
            (field.name.clone(), OutputField { target, arguments: inputs(&field.args) })
        });
        let possible = match ty.possible_types() {
            Some(possible) if ty.is_abstract() => possible.iter().cloned().collect(),
            _ => vec![ty.name().to_owned()],
        };
        Self { name: ty.name().to_owned(), possible, fields: fields.collect() }
    }

    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&OutputField> {
        self.fields.get(name)
    }
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

/// An input whose type can't be read is left out: the library judges it when it runs.
fn inputs(declared: &IndexMap<String, MetaInputValue>) -> Inputs {
    let input = |input: &MetaInputValue| {
        Some((input.name.clone(), Input { ty: Type::new(&input.ty)?, has_default: input.default_value.is_some() }))
    };
    declared.values().filter_map(input).collect()
}
