//! Of which other fields the arguments of a field tell, where a document has it.

use std::convert::Infallible;

use async_graphql::{Value, parser::types::Field};

use super::Question;
use crate::graphql::{
    registry::Member,
    telling::{self, Telling},
};

/// An argument that tells of a field.
pub(super) struct Told<'a> {
    /// Its way from the field it stands at: `filter.email`.
    pub(super) argument: String,
    /// The field it tells of.
    pub(super) member: &'a Member,
}

impl<'a> Question<'a> {
    /// Of which fields the arguments of `field` tell, in the order in which running it asks for them.
    pub(super) fn told(&self, member: &Member, field: &Field) -> Vec<Told<'a>> {
        let mut told = Vec::new();
        for (argument, telling) in &member.telling {
            let Some(value) = Self::value(field, argument) else { continue };
            for (argument, name) in fields(argument, telling, &value) {
                let member = self.policy.member(&format!("{}.{name}", telling::OF));
                told.extend(member.map(|member| Told { argument, member }));
            }
        }
        told
    }

    /// The value of an argument. No document holds bytes: they stand for a variable.
    fn value(field: &Field, argument: &str) -> Option<Value> {
        let unknown = || Value::Binary(Vec::new().into());
        let value = field.get_argument(argument)?.node.clone();
        value.into_const_with(|_| Ok::<_, Infallible>(unknown())).ok()
    }
}

/// The fields that `value` tells of, each with the way to the part of it that does.
fn fields(argument: &str, telling: &'static Telling, value: &Value) -> Vec<(String, &'static str)> {
    match telling {
        Telling::Parts(parts) => {
            let is_given = |it: &&(&str, &str)| part(value, it.0).is_some();
            parts.iter().filter(is_given).map(|it| (format!("{argument}.{}", it.0), it.1)).collect()
        }
        Telling::Choice(name, choices) => {
            let is_chosen = |it: &&(&str, &str)| part(value, name).is_some_and(|value| spells(value, it.0));
            choices.iter().filter(is_chosen).map(|it| (argument.to_owned(), it.1)).collect()
        }
    }
}

/// The part of that name, where it is given. Of a value that is not known, no part is.
fn part<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Object(parts) => parts.get(name).filter(|it| **it != Value::Null),
        Value::Binary(_) => Some(value),
        _ => None,
    }
}

/// Is it the enum value of that name, or can it be? In variables those are texts.
fn spells(value: &Value, name: &str) -> bool {
    match value {
        Value::Enum(it) => it == name,
        Value::String(it) => it == name,
        other => matches!(other, Value::Binary(_)),
    }
}
