//! Holds one value to one input type.

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

/// How a value is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In a document, where the value of an enum is a name.
    Literal,
    /// In JSON, where it is a string.
    Json,
}

/// Holds values to types.
pub(super) struct Check<'a> {
    pub types: &'a TypeSystem,
    pub form: Form,
    /// The variables that may stand in a value.
    pub variables: HashMap<&'a str, &'a VariableDefinition>,
}

impl<'a> Check<'a> {
    /// For values without variables.
    pub(super) fn constants(types: &'a TypeSystem, form: Form) -> Self {
        Self { types, form, variables: HashMap::new() }
    }

    /// Holds the value of an argument, or of an input object's field, to its type.
    pub(super) fn input(&self, value: &Value, input: &Input) -> Result<(), Mismatch> {
        match value {
            Value::Variable(name) => self.variable(name, &input.ty, input.has_default),
            _ => self.value(value, &input.ty),
        }
    }

    /// Holds a value to a type.
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
            // One value stands for a list of it (GraphQL specification, section 3.11).
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
            // What has variables in it is a list or an object. A scalar of another schema that may be one is known only when
            // it runs.
            (Some(InputKind::Scalar(judge)), value) => match value.clone().into_const() {
                Some(value) => is_scalar(&value, name, judge.as_ref()),
                None => !is_simple(name),
            },
            // No input type, which the library's validation reports.
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

    /// Whether exactly one field is given and never null (GraphQL specification, section 3.10.1, "`OneOf` Input Objects").
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

    /// Whether a variable may stand where a value of the type `ty` is taken (GraphQL specification, section 5.8.5,
    /// `IsVariableUsageAllowed`).
    fn variable(&self, name: &Name, ty: &Type, has_default: bool) -> Result<(), Mismatch> {
        // The library's validation reports a variable that is not defined.
        let Some(definition) = self.variables.get(name.as_str()) else { return Ok(()) };
        let has_own = definition.default_value.as_ref().is_some_and(|default| default.node != Constant::Null);
        let declared = &definition.var_type.node;
        let is_filled = declared.nullable && (has_own || has_default);
        let taken = Type { nullable: ty.nullable || is_filled, base: ty.base.clone() };
        if is_compatible(declared, &taken) {
            return Ok(());
        }
        Err(Mismatch::new(format!("is `${name}`, and `{declared}` does not fit `{ty}`")))
    }
}

/// Whether every value of the type `from` is one of the type `to` (`AreTypesCompatible`).
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
