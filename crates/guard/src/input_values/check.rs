//! Checks one value against one input type.

use std::collections::HashMap;

use async_graphql::Value as Constant;
use async_graphql::{
    Name,
    indexmap::IndexMap,
    parser::types::{BaseType, Type, VariableDefinition},
};
use async_graphql_value::Value;

use super::{
    Mismatch,
    scalars::{is_scalar, is_simple},
};
use crate::registry::{Input, InputKind, Inputs, TypeSystem};

/// The notation of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A GraphQL literal, in which an enum value is a name.
    Literal,
    /// JSON, in which an enum value is a string.
    Json,
}

/// Checks values against types.
pub(super) struct Check<'a> {
    pub types: &'a TypeSystem,
    pub form: Form,
    /// The variables that a value may contain.
    pub variables: HashMap<&'a str, &'a VariableDefinition>,
}

impl<'a> Check<'a> {
    /// Creates a check for values without variables.
    pub(super) fn constants(types: &'a TypeSystem, form: Form) -> Self {
        Self { types, form, variables: HashMap::new() }
    }

    /// Checks the value of an argument or input field.
    pub(super) fn input(&self, value: &Value, input: &Input) -> Result<(), Mismatch> {
        match value {
            Value::Variable(name) => self.variable(name, &input.ty, input.has_default),
            _ => self.value(value, &input.ty),
        }
    }

    /// Checks a value against a type.
    pub(super) fn value(&self, value: &Value, ty: &Type) -> Result<(), Mismatch> {
        match (&ty.base, value) {
            (_, Value::Variable(name)) => self.variable(name, ty, false),
            (_, Value::Null) if ty.nullable => Ok(()),
            (_, Value::Null) => Err(Mismatch::null()),
            (BaseType::List(item), Value::List(values)) => {
                let check =
                    |(index, value)| self.value(value, item).map_err(|mismatch| mismatch.within(&format!("[{index}]")));
                values.iter().enumerate().try_for_each(check)
            }
            // A single value is accepted in place of a list (GraphQL specification, section 3.11).
            (BaseType::List(item), value) => self.value(value, item),
            (BaseType::Named(name), value) => self.named(value, name),
        }
    }

    fn named(&self, value: &Value, name: &str) -> Result<(), Mismatch> {
        let fits = match (self.types.input(name), value) {
            (Some(InputKind::Object { fields, is_one_of }), Value::Object(values)) => {
                return self.object(values, name, fields, *is_one_of);
            }
            (Some(InputKind::Enum(values)), Value::Enum(name)) => {
                self.form == Form::Literal && values.contains(name.as_str())
            }
            (Some(InputKind::Enum(values)), Value::String(name)) => self.form == Form::Json && values.contains(name),
            (Some(InputKind::Object { .. } | InputKind::Enum(_)), _) => false,
            // A value that contains variables is a list or an object. Another schema's scalar may accept it, which is
            // known only during execution.
            (Some(InputKind::Scalar(validator)), value) => match value.clone().into_const() {
                Some(value) => is_scalar(&value, name, validator.as_ref()),
                None => !is_simple(name),
            },
            // Not an input type. async-graphql's validation reports it.
            (None, _) => true,
        };
        if fits { Ok(()) } else { Err(Mismatch::kind(name)) }
    }

    fn object(
        &self,
        values: &IndexMap<Name, Value>,
        name: &str,
        fields: &Inputs,
        is_one_of: bool,
    ) -> Result<(), Mismatch> {
        for (key, field) in fields {
            match values.get(key.as_str()) {
                Some(value) => self.input(value, field).map_err(|mismatch| mismatch.within(&format!(".{key}")))?,
                None if field.ty.nullable || field.has_default => {}
                None => return Err(Mismatch::missing(key)),
            }
        }
        if let Some(unknown) = values.keys().find(|key| !fields.contains_key(key.as_str())) {
            return Err(Mismatch::unknown(unknown, name));
        }
        if is_one_of && !self.is_one(values) {
            return Err(Mismatch::one_of(name));
        }
        Ok(())
    }

    /// Whether exactly one field is given and is not null (GraphQL specification, section 3.10.1, "`OneOf` Input
    /// Objects").
    fn is_one(&self, values: &IndexMap<Name, Value>) -> bool {
        match values.first() {
            Some((_, Value::Null)) | None => false,
            Some((_, Value::Variable(name))) => {
                let definition = self.variables.get(name.as_str());
                values.len() == 1 && definition.is_none_or(|definition| !definition.var_type.node.nullable)
            }
            Some(_) => values.len() == 1,
        }
    }

    /// Checks that a variable is allowed in the place of a value of type `ty` (GraphQL specification, section 5.8.5,
    /// `IsVariableUsageAllowed`).
    fn variable(&self, name: &Name, ty: &Type, has_default: bool) -> Result<(), Mismatch> {
        // async-graphql's validation reports undefined variables.
        let Some(definition) = self.variables.get(name.as_str()) else { return Ok(()) };
        let has_own = definition.default_value.as_ref().is_some_and(|default| default.node != Constant::Null);
        let declared = &definition.var_type.node;
        let is_filled = declared.nullable && (has_own || has_default);
        let taken = Type { nullable: ty.nullable || is_filled, base: ty.base.clone() };
        if is_compatible(declared, &taken) {
            return Ok(());
        }
        Err(Mismatch::new(format!("is `${name}` of type `{declared}`, which does not match `{ty}`")))
    }
}

/// Whether every value of type `from` is a value of type `to` (`AreTypesCompatible`).
fn is_compatible(from: &Type, to: &Type) -> bool {
    if from.nullable && !to.nullable {
        return false;
    }
    match (&from.base, &to.base) {
        (BaseType::List(from), BaseType::List(to)) => is_compatible(from, to),
        (BaseType::Named(from), BaseType::Named(to)) => from == to,
        _ => false,
    }
}
