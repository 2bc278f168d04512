//! Substitutes variable values (GraphQL specification, section 6.4.1, "Coercing Field Arguments"). An argument or input
//! field whose variable has no value is absent, as the specification requires; async-graphql does not do this.

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

/// Replaces the variables in the arguments of `operation`, which is in normal form, and removes their definitions.
/// `variables` have been coerced.
///
/// # Errors
///
/// `BAD_USER_INPUT` if a variable is null in a non-null position. The document can still be valid, because the position
/// or the variable has a default.
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

/// Rejects the request if one of the variables `names`, all in non-null positions, is null.
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
            // The normal form has no fragment spreads.
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

    /// The value of an argument or input field; `None` if it is absent.
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
            // A list entry without a value is null.
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
    let message = format!("`${name}` is null, but the document needs a value there. Omit the variable or set a value.");
    Failure::bad_value(name, message)
}

#[cfg(test)]
mod tests {
    use async_graphql::{ServerError, parser::parse_query};
    use serde_json::json;

    use super::super::fixture;
    use super::*;
    use crate::admission;

    /// The arguments of the document's first field.
    fn substituted(document: &str, variables: serde_json::Value) -> Result<String, String> {
        let document = parse_query(document).unwrap();
        let mut operation = admission::operation(&document, None).unwrap().1.clone();
        let variables = Variables::from_json(variables);
        substitute(&fixture::types(), &mut operation, &variables)
            .map_err(|failure| ServerError::from(failure).message)?;
        assert!(operation.variable_definitions.is_empty());
        let Selection::Field(field) = &operation.selection_set.node.items[0].node else { panic!("no field") };
        let arguments = field.node.arguments.iter().map(|(name, value)| format!("{}: {}", name.node, value.node));
        Ok(arguments.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn missing_variables_are_absent_and_null_stays_null() {
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
    fn null_is_rejected_where_the_argument_has_a_default() {
        for document in ["query ($n: Int) { a(d: $n) }", "query ($n: Int) { a(i: {name: \"a\", size: $n}) }"] {
            let message = substituted(document, json!({ "n": null })).unwrap_err();
            assert!(message.starts_with("`$n` is null, but"), "{message}");
            assert!(substituted(document, json!({})).is_ok());
        }
    }

    #[test]
    fn null_is_rejected_where_the_variable_has_a_default() {
        for (document, value) in [
            ("query ($n: String = \"b\") { a(i: {name: $n}) }", json!("c")),
            ("query ($n: String = \"b\") { a(i: {name: \"a\", tags: [\"c\", $n]}) }", json!("c")),
            ("query ($n: [String!] = [\"b\"]) { a(m: [$n]) }", json!(["c"])),
        ] {
            let message = substituted(document, json!({ "n": null })).unwrap_err();
            assert!(message.starts_with("`$n` is null, but"), "{message}");
            assert!(substituted(document, json!({ "n": value })).is_ok());
        }
    }
}
