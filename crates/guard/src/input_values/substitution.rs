//! Puts the values of variables in the place of the variables (GraphQL specification, section 6.4.1, "Coercing Field
//! Arguments"). A field, or a field of an input object, whose variable has no value is absent, as the specification asks and
//! the library does not do.

use async_graphql::Value as Constant;
use async_graphql::{
    Name, Positioned, Variables,
    indexmap::IndexMap,
    parser::types::{BaseType, OperationDefinition, Selection, SelectionSet, Type},
};
use async_graphql_value::Value;

use crate::{
    failure::Failure,
    registry::{Composite, Input, InputKind, Inputs, TypeSystem},
};

/// Replaces each variable in the arguments of `operation`, which is in normal form, and removes their definitions.
/// `variables` have been coerced.
///
/// # Errors
///
/// `BAD_USER_INPUT` where a variable is null and its place takes no null: such a place, or the variable, has a default, so
/// that the document is valid all the same.
pub(crate) fn substitute(
    types: &TypeSystem,
    operation: &mut OperationDefinition,
    variables: &Variables,
) -> Result<(), Failure> {
    if operation.variable_definitions.is_empty() {
        return Ok(());
    }
    operation.variable_definitions.clear();
    let root = types.root(operation.ty);
    Substitution { types, variables }.set(&mut operation.selection_set.node, root)
}

/// Refuses that one of `names`, which stand where no null is taken, is null.
///
/// # Errors
///
/// `BAD_USER_INPUT` with the name of the variable.
pub(crate) fn refuse_nulls(names: Vec<&Name>, variables: &Variables) -> Result<(), Failure> {
    let null = names.into_iter().find(|name| variables.get(*name) == Some(&Constant::Null));
    null.map_or(Ok(()), |name| Err(is_null(name)))
}

struct Substitution<'a> {
    types: &'a TypeSystem,
    variables: &'a Variables,
}

impl<'a> Substitution<'a> {
    fn set(&self, set: &mut SelectionSet, parent: Option<&'a Composite>) -> Result<(), Failure> {
        set.items.iter_mut().try_for_each(|selection| match &mut selection.node {
            Selection::Field(field) => {
                let known = parent.and_then(|parent| parent.field(&field.node.name.node));
                self.arguments(&mut field.node.arguments, known.map(|field| &field.arguments))?;
                let target = known.and_then(|field| self.types.composite(&field.target));
                self.set(&mut field.node.selection_set.node, target)
            }
            Selection::InlineFragment(fragment) => {
                let condition = fragment.node.type_condition.as_ref();
                let on = condition.map_or(parent, |condition| self.types.composite(&condition.node.on.node));
                self.set(&mut fragment.node.selection_set.node, on)
            }
            // The normal form has no fragments by name.
            Selection::FragmentSpread(_) => Ok(()),
        })
    }

    fn arguments(
        &self,
        arguments: &mut Vec<(Positioned<Name>, Positioned<Value>)>,
        inputs: Option<&'a Inputs>,
    ) -> Result<(), Failure> {
        let mut kept = Vec::with_capacity(arguments.len());
        for (name, value) in arguments.drain(..) {
            let input = inputs.and_then(|inputs| inputs.get(name.node.as_str()));
            if let Some(known) = self.input(value.node, input)? {
                kept.push((name, Positioned::new(known, value.pos)));
            }
        }
        *arguments = kept;
        Ok(())
    }

    /// The value of an argument, or of an input object's field; nothing where it is absent.
    fn input(&self, value: Value, input: Option<&Input>) -> Result<Option<Value>, Failure> {
        let Value::Variable(name) = value else { return self.value(value, input.map(|input| &input.ty)).map(Some) };
        match self.variables.get(&name) {
            None => Ok(None),
            Some(Constant::Null) if input.is_some_and(|input| !input.ty.nullable) => Err(is_null(&name)),
            Some(value) => Ok(Some(value.clone().into_value())),
        }
    }

    fn value(&self, value: Value, ty: Option<&Type>) -> Result<Value, Failure> {
        match value {
            // An entry of a list: without a value it is null.
            Value::Variable(name) => match self.variables.get(&name) {
                None | Some(Constant::Null) if ty.is_some_and(|ty| !ty.nullable) => Err(is_null(&name)),
                value => Ok(value.map_or(Value::Null, |value| value.clone().into_value())),
            },
            Value::List(values) => {
                let item = ty.and_then(|ty| if let BaseType::List(item) = &ty.base { Some(&**item) } else { None });
                values.into_iter().map(|value| self.value(value, item)).collect::<Result<_, _>>().map(Value::List)
            }
            Value::Object(values) => self.object(values, ty.and_then(|ty| self.fields(ty))).map(Value::Object),
            other => Ok(other),
        }
    }

    fn object(&self, values: IndexMap<Name, Value>, fields: Option<&Inputs>) -> Result<IndexMap<Name, Value>, Failure> {
        let mut kept = IndexMap::with_capacity(values.len());
        for (name, value) in values {
            let field = fields.and_then(|fields| fields.get(name.as_str()));
            if let Some(value) = self.input(value, field)? {
                kept.insert(name, value);
            }
        }
        Ok(kept)
    }

    fn fields(&self, ty: &Type) -> Option<&'a Inputs> {
        match &ty.base {
            BaseType::List(item) => self.fields(item),
            BaseType::Named(name) => match self.types.input(name)? {
                InputKind::Object { fields, .. } => Some(fields),
                InputKind::Scalar(_) | InputKind::Enum(_) => None,
            },
        }
    }
}

fn is_null(name: &Name) -> Failure {
    let message =
        format!("`${name}` is null where the document needs a value. Leave the variable out, or give it one.");
    Failure::bad_value(name, message)
}

#[cfg(test)]
mod tests {
    use async_graphql::{ServerError, parser::parse_query};
    use serde_json::json;

    use super::super::toy;
    use super::*;
    use crate::admission;

    /// The arguments of the document's first field, by name.
    fn substituted(document: &str, variables: serde_json::Value) -> Result<String, String> {
        let document = parse_query(document).unwrap();
        let mut operation = admission::operation(&document, None).unwrap().1.clone();
        let variables = Variables::from_json(variables);
        substitute(&toy::types(), &mut operation, &variables).map_err(|failure| ServerError::from(failure).message)?;
        assert!(operation.variable_definitions.is_empty());
        let Selection::Field(field) = &operation.selection_set.node.items[0].node else { panic!("no field") };
        let arguments = field.node.arguments.iter().map(|(name, value)| format!("{}: {}", name.node, value.node));
        Ok(arguments.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn variables_without_a_value_are_absent_and_null_stays_null() {
        let document = "query ($n: Int, $s: String, $l: [String!]) {
            a(n: $n, x: [$s, {name: $s}], i: {name: \"a\", size: $n, tags: $l})
        }";
        for (variables, expected) in [
            (json!({}), r#"x: [null, {}] i: {name: "a"}"#),
            (
                json!({ "n": 1, "s": "b", "l": ["c"] }),
                r#"n: 1 x: ["b", {name: "b"}] i: {name: "a", size: 1, tags: ["c"]}"#,
            ),
            (json!({ "s": null, "l": null }), r#"x: [null, {name: null}] i: {name: "a", tags: null}"#),
        ] {
            assert_eq!(substituted(document, variables).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn null_is_refused_where_only_an_absent_variable_is_valid() {
        for document in ["query ($n: Int) { a(d: $n) }", "query ($n: Int) { a(i: {name: \"a\", size: $n}) }"] {
            let heard = substituted(document, json!({ "n": null })).unwrap_err();
            assert!(heard.starts_with("`$n` is null where"), "{heard}");
            assert!(substituted(document, json!({})).is_ok());
        }
    }

    #[test]
    fn null_is_refused_where_only_a_default_makes_the_variable_valid() {
        for (document, value) in [
            ("query ($n: String = \"b\") { a(i: {name: $n}) }", json!("c")),
            ("query ($n: String = \"b\") { a(i: {name: \"a\", tags: [\"c\", $n]}) }", json!("c")),
            ("query ($n: [String!] = [\"b\"]) { a(m: [$n]) }", json!(["c"])),
        ] {
            let heard = substituted(document, json!({ "n": null })).unwrap_err();
            assert!(heard.starts_with("`$n` is null where"), "{heard}");
            assert!(substituted(document, json!({ "n": value })).is_ok());
        }
    }
}
