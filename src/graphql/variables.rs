//! The values of variables, held to the types that the operation declares for them, before anything runs (GraphQL spec,
//! section 6.1.2, "Coercing Variable Values").
//!
//! The library calls some of these faults validation errors and meets others only while it runs; it also forgets a
//! variable's default value in `@skip` and `@include`. What a value means beyond its type, such as an enum of one's own
//! scalar, is not judged here: that stays with the library.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Value, Variables,
    indexmap::IndexMap,
    parser::{
        parse_schema,
        types::{BaseType, InputValueDefinition, OperationDefinition, Type, TypeKind, TypeSystemDefinition},
    },
};

use chrono::{DateTime, Utc};

use super::{error::Code, failure::Failure};

/// Longer names, and what is no name, are not repeated to the client.
const NAME_BYTES: usize = 64;

/// The scalar of times.
pub(super) const TIME: &str = "DateTime";

/// Is it a time, as the library reads one?
pub(super) fn is_time(value: &Value) -> bool {
    matches!(value, Value::String(text) if text.parse::<DateTime<Utc>>().is_ok())
}

/// The enums and input objects of a schema.
pub struct InputTypes(HashMap<String, Kind>);

enum Kind {
    Enum(HashSet<String>),
    Object(Vec<InputValueDefinition>),
}

/// Where a value does not fit, from the inside out, and what is wrong with it.
struct Misfit {
    place: String,
    reason: String,
}

impl Misfit {
    fn new(reason: impl Into<String>) -> Self {
        Self { place: String::new(), reason: reason.into() }
    }

    fn within(self, part: &str) -> Self {
        Self { place: format!("{part}{}", self.place), ..self }
    }
}

impl InputTypes {
    /// The input types that a schema in SDL declares. Where it cannot be read, the library alone judges.
    #[must_use]
    pub fn of(sdl: &str) -> Self {
        let definitions = parse_schema(sdl).map(|it| it.definitions).unwrap_or_default();
        let types = definitions.into_iter().filter_map(|definition| {
            let TypeSystemDefinition::Type(ty) = definition else { return None };
            let kind = match ty.node.kind {
                TypeKind::Enum(it) => {
                    Kind::Enum(it.values.into_iter().map(|it| it.node.value.node.to_string()).collect())
                }
                TypeKind::InputObject(it) => Kind::Object(it.fields.into_iter().map(|it| it.node).collect()),
                _ => return None,
            };
            Some((ty.node.name.node.to_string(), kind))
        });
        Self(types.collect())
    }

    /// Fills in the defaults of what is absent from `variables`, and holds the rest to the types in `operation`.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT`, whose `field` names the variable. No value is repeated: it may be a password.
    pub fn coerce(&self, operation: &OperationDefinition, variables: &mut Variables) -> Result<(), Failure> {
        for definition in &operation.variable_definitions {
            let (name, ty) = (&definition.node.name.node, &definition.node.var_type.node);
            let outcome = match (variables.get(name), &definition.node.default_value) {
                (Some(value), _) => self.check(value, ty),
                (None, Some(default)) => {
                    variables.insert(name.clone(), default.node.clone());
                    Ok(())
                }
                (None, None) if ty.nullable => Ok(()),
                (None, None) => Err(Misfit::new("is missing")),
            };
            outcome.map_err(|Misfit { place, reason }| {
                let message = format!("`${name}` is to be of the type `{ty}`, but `{name}{place}` {reason}.");
                Failure::new(Code::BadUserInput, message).with("field", name.as_str())
            })?;
        }
        Ok(())
    }

    fn check(&self, value: &Value, ty: &Type) -> Result<(), Misfit> {
        match (&ty.base, value) {
            (_, Value::Null) if ty.nullable => Ok(()),
            (_, Value::Null) => Err(Misfit::new("is null")),
            (BaseType::List(item), Value::List(values)) => {
                let check = |(index, value)| self.check(value, item).map_err(|it| it.within(&format!("[{index}]")));
                values.iter().enumerate().try_for_each(check)
            }
            // One value stands for a list of it (GraphQL spec, section 3.11).
            (BaseType::List(item), value) => self.check(value, item),
            (BaseType::Named(name), value) => self.check_named(value, name),
        }
    }

    fn check_named(&self, value: &Value, name: &str) -> Result<(), Misfit> {
        let fits = match (name, self.0.get(name)) {
            ("Int", _) => matches!(value, Value::Number(it) if it.as_i64().is_some_and(|it| i32::try_from(it).is_ok())),
            ("Float", _) => matches!(value, Value::Number(_)),
            ("String", _) => matches!(value, Value::String(_)),
            ("Boolean", _) => matches!(value, Value::Boolean(_)),
            ("ID", _) => matches!(value, Value::String(_)) || matches!(value, Value::Number(it) if !it.is_f64()),
            (TIME, _) => is_time(value),
            (_, Some(Kind::Enum(values))) => matches!(value, Value::String(it) if values.contains(it)),
            (_, Some(Kind::Object(fields))) => match value {
                Value::Object(values) => return self.check_object(values, name, fields),
                _ => false,
            },
            // A scalar of one's own, or no input type at all, which validation will say.
            _ => true,
        };
        if fits { Ok(()) } else { Err(Misfit::new(format!("is no `{name}`"))) }
    }

    fn check_object(
        &self,
        values: &IndexMap<Name, Value>,
        name: &str,
        fields: &[InputValueDefinition],
    ) -> Result<(), Misfit> {
        for field in fields {
            let (key, ty) = (&field.name.node, &field.ty.node);
            match values.get(key) {
                Some(value) => self.check(value, ty).map_err(|it| it.within(&format!(".{key}")))?,
                None if ty.nullable || field.default_value.is_some() => {}
                None => return Err(Misfit::new("is missing").within(&format!(".{key}"))),
            }
        }
        match values.keys().find(|key| fields.iter().all(|field| field.name.node != **key)) {
            None => Ok(()),
            Some(key) if is_shown(key) => Err(Misfit::new(format!("has the field `{key}`, which `{name}` has not"))),
            Some(_) => Err(Misfit::new(format!("has a field that `{name}` has not"))),
        }
    }
}

fn is_shown(name: &str) -> bool {
    name.len() <= NAME_BYTES && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

#[cfg(test)]
mod tests {
    use async_graphql::{ServerError, parser::parse_query};
    use serde_json::{Value as Json, json};

    use super::*;

    const SDL: &str = "
        type Query { a(i: Input, e: Enum): Int }
        enum Enum { ONE TWO }
        input Input { name: String!, size: Int! = 3, tags: [String!], inner: Input }
        scalar Anything
    ";

    /// The variables as they are run, or what the client hears.
    fn coerced(declared: &str, given: Json) -> Result<Json, String> {
        let document = parse_query(format!("query ({declared}) {{ a }}")).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let mut variables = Variables::from_json(given);
        match InputTypes::of(SDL).coerce(&operation.node, &mut variables) {
            Ok(()) => Ok(serde_json::to_value(variables).unwrap()),
            Err(failure) => Err(ServerError::from(failure).message),
        }
    }

    #[test]
    fn takes_what_fits() {
        for (declared, value) in [
            ("$x: Int", json!(-7)),
            ("$x: Int!", json!(2_147_483_647)),
            ("$x: Float", json!(1)),
            ("$x: ID!", json!(7)),
            ("$x: ID!", json!("7")),
            ("$x: Boolean", json!(null)),
            ("$x: [Int!]!", json!([1, 2])),
            ("$x: [Int!]!", json!(1)),
            ("$x: [[Int]]", json!([[1, null], null])),
            ("$x: Enum", json!("TWO")),
            ("$x: DateTime", json!("2026-11-24T12:00:00.5+01:00")),
            ("$x: Input", json!({ "name": "a" })),
            ("$x: Input", json!({ "name": "a", "tags": ["b"], "inner": { "name": "c", "size": 1 } })),
            ("$x: Anything", json!({ "any": ["thing"] })),
            ("$x: Unknown", json!(1)),
        ] {
            let given = json!({ "x": value });
            assert_eq!(coerced(declared, given.clone()), Ok(given), "{declared}");
        }
    }

    #[test]
    fn fills_in_what_is_absent_and_only_that() {
        assert_eq!(coerced("$x: Int = 3", json!({})), Ok(json!({ "x": 3 })));
        assert_eq!(coerced("$x: Int = 3", json!({ "x": null })), Ok(json!({ "x": null })));
        assert_eq!(coerced("$x: Int", json!({})), Ok(json!({})));
        assert_eq!(coerced("$x: Int", json!({ "y": 1 })), Ok(json!({ "y": 1 })));
    }

    #[test]
    fn says_where_a_value_does_not_fit_and_never_repeats_it() {
        let long = "x".repeat(65);
        for (declared, value, place) in [
            ("$x: Int", json!("secret"), "`x` is no `Int`."),
            ("$x: Int", json!(1.5), "`x` is no `Int`."),
            ("$x: Int", json!(2_147_483_648_u64), "`x` is no `Int`."),
            ("$x: String", json!(1), "`x` is no `String`."),
            ("$x: ID", json!(1.5), "`x` is no `ID`."),
            ("$x: Boolean", json!("true"), "`x` is no `Boolean`."),
            ("$x: DateTime", json!("secret"), "`x` is no `DateTime`."),
            ("$x: DateTime", json!(1), "`x` is no `DateTime`."),
            ("$x: Int!", json!(null), "`x` is null."),
            ("$x: Enum", json!("secret"), "`x` is no `Enum`."),
            ("$x: [Int!]", json!([1, null]), "`x[1]` is null."),
            ("$x: Input", json!("secret"), "`x` is no `Input`."),
            ("$x: Input", json!({}), "`x.name` is missing."),
            ("$x: Input", json!({ "name": "a", "inner": { "name": 1 } }), "`x.inner.name` is no `String`."),
            ("$x: Input", json!({ "name": "a", "tags": ["b", 1] }), "`x.tags[1]` is no `String`."),
            ("$x: Input", json!({ "name": "a", "b": 1 }), "`x` has the field `b`, which `Input` has not."),
            ("$x: Input", json!({ "name": "a", "<b>": 1 }), "`x` has a field that `Input` has not."),
            ("$x: Input", json!({ "name": "a", long: 1 }), "`x` has a field that `Input` has not."),
        ] {
            let heard = coerced(declared, json!({ "x": value })).expect_err(declared);
            assert!(heard.ends_with(place) && !heard.contains("secret"), "{heard}");
        }
        assert!(coerced("$x: Int!", json!({})).unwrap_err().ends_with("`x` is missing."));
    }
}
