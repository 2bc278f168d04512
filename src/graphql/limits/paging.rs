//! Which fields of a schema are lists in pages, and which of their arguments say how long a page is. Read from the printed
//! schema, so that an adopter's lists count like Fieldguard's own: a field is paged where it takes an `Int` called `first`
//! or `last`.
//!
//! What a page costs is decided in [`complexity`](super::complexity).

use std::collections::HashMap;

use async_graphql::{
    Value,
    parser::{
        parse_schema,
        types::{BaseType, FieldDefinition, InputValueDefinition, OperationType, TypeKind, TypeSystemDefinition},
    },
};

use crate::graphql::{settings::Limits, types::connection_arguments::DEFAULT_SIZE};

/// The arguments with which Relay's connections are asked for a size.
const SIZES: [&str; 2] = ["first", "last"];

/// The fields of a schema's objects and interfaces, and the sizes of their pages.
#[derive(Default)]
pub struct Paging {
    roots: Vec<(OperationType, String)>,
    types: HashMap<String, Fields>,
    maximum: usize,
}

/// The fields of a type, by name.
pub(super) type Fields = HashMap<String, Member>;

/// A field of a type.
pub(super) struct Member {
    /// The type behind it, lists and nulls peeled off.
    pub ty: String,
    /// The arguments that say how long a page is, each with what the schema takes in its absence.
    pub sizes: Vec<(String, Option<Value>)>,
}

impl Paging {
    /// The fields that a schema in SDL declares, with pages as long as `limits` lets them be.
    #[must_use]
    pub fn of(sdl: &str, limits: &Limits) -> Self {
        let mut paging = Self { maximum: limits.page_size, ..Self::default() };
        for definition in parse_schema(sdl).map(|it| it.definitions).unwrap_or_default() {
            match definition {
                TypeSystemDefinition::Type(ty) => {
                    let fields = match ty.node.kind {
                        TypeKind::Object(it) => it.fields,
                        TypeKind::Interface(it) => it.fields,
                        _ => continue,
                    };
                    let members = fields.iter().map(|it| (it.node.name.node.to_string(), Member::of(&it.node)));
                    paging.types.entry(ty.node.name.node.to_string()).or_default().extend(members);
                }
                TypeSystemDefinition::Schema(it) => {
                    let (query, mutation, subscription) = (it.node.query, it.node.mutation, it.node.subscription);
                    let named = [
                        (OperationType::Query, query),
                        (OperationType::Mutation, mutation),
                        (OperationType::Subscription, subscription),
                    ];
                    paging.roots.extend(named.into_iter().filter_map(|(kind, it)| Some((kind, it?.node.to_string()))));
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        paging
    }

    /// The fields of the type of that name.
    pub(super) fn fields(&self, ty: &str) -> Option<&Fields> {
        self.types.get(ty)
    }

    /// The fields of a root.
    pub(super) fn root(&self, kind: OperationType) -> Option<&Fields> {
        self.fields(self.roots.iter().find(|(it, _)| *it == kind).map(|(_, name)| name)?)
    }

    /// How many items a page has for which nothing is asked.
    pub(super) fn unasked(&self) -> usize {
        DEFAULT_SIZE.min(self.maximum)
    }

    /// How many items are asked for with that value; nothing where it is null. A page costs as much as one item at least,
    /// since its list is looked up all the same, and as the longest page at most: what asks for more is refused by its
    /// field.
    pub(super) fn asked(&self, value: &Value) -> Option<usize> {
        match value {
            Value::Null => None,
            Value::Number(it) => {
                let size = it.as_u64().and_then(|it| usize::try_from(it).ok());
                Some(size.filter(|it| *it <= self.maximum).unwrap_or(self.maximum).max(1))
            }
            _ => Some(self.maximum),
        }
    }
}

impl Member {
    fn of(field: &FieldDefinition) -> Self {
        let sizes = field.arguments.iter().map(|it| &it.node).filter(|it| is_size(it));
        let default = |it: &InputValueDefinition| it.default_value.as_ref().map(|it| it.node.clone());
        Self {
            ty: named(&field.ty.node.base).to_owned(),
            sizes: sizes.map(|it| (it.name.node.to_string(), default(it))).collect(),
        }
    }
}

fn is_size(argument: &InputValueDefinition) -> bool {
    SIZES.contains(&argument.name.node.as_str())
        && matches!(&argument.ty.node.base, BaseType::Named(it) if it.as_str() == "Int")
}

fn named(mut ty: &BaseType) -> &str {
    loop {
        match ty {
            BaseType::Named(name) => return name,
            BaseType::List(item) => ty = &item.base,
        }
    }
}
