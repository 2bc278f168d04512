//! Checks the literals of a document and the positions of its variables (GraphQL specification, sections 5.6 and
//! 5.8.5).

use std::collections::HashSet;

use async_graphql::{
    Name, Positioned, ServerError,
    parser::types::{
        Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet, VariableDefinition,
    },
};
use async_graphql_value::Value;

use super::{
    Mismatch,
    check::{Check, Form},
};
use crate::registry::{Composite, Inputs, TypeSystem};

/// Returns an error for every value in `document` that is not valid for its argument or variable. async-graphql's
/// validation reports everything else, such as unknown fields and arguments.
pub(crate) fn check(types: &TypeSystem, document: &ExecutableDocument) -> Vec<ServerError> {
    let mut errors: Vec<ServerError> = Vec::new();
    for (_, operation) in document.operations.iter() {
        let mut walk = Walk::of(types, document, &operation.node);
        walk.operation(&operation.node);
        // A fragment is checked in every operation that spreads it.
        let is_known = |error: &ServerError| {
            errors.iter().any(|known| known.message == error.message && known.locations == error.locations)
        };
        let new: Vec<_> = walk.errors.into_iter().filter(|error| !is_known(error)).collect();
        errors.extend(new);
    }
    errors
}

struct Walk<'a> {
    check: Check<'a>,
    document: &'a ExecutableDocument,
    fragments: HashSet<&'a str>,
    errors: Vec<ServerError>,
}

impl<'a> Walk<'a> {
    fn of(types: &'a TypeSystem, document: &'a ExecutableDocument, operation: &'a OperationDefinition) -> Self {
        let definitions = operation.variable_definitions.iter().map(|definition| &definition.node);
        let variables = definitions.map(|definition| (definition.name.node.as_str(), definition)).collect();
        let check = Check { types, form: Form::Literal, variables };
        Self { check, document, fragments: HashSet::new(), errors: Vec::new() }
    }

    fn operation(&mut self, operation: &'a OperationDefinition) {
        for definition in &operation.variable_definitions {
            self.default(&definition.node);
        }
        self.directives(&operation.directives);
        self.set(&operation.selection_set.node, self.check.types.root(operation.ty));
    }

    fn default(&mut self, definition: &VariableDefinition) {
        let Some(default) = &definition.default_value else { return };
        let (name, ty) = (&definition.name.node, &definition.var_type.node);
        if let Err(Mismatch { place, reason }) = self.check.value(&default.node.clone().into_value(), ty) {
            let message = format!("The default of `${name}` must be of type `{ty}`, but `{name}{place}` {reason}.");
            self.errors.push(ServerError::new(message, Some(default.pos)));
        }
    }

    fn set(&mut self, set: &'a SelectionSet, parent: Option<&'a Composite>) {
        for selection in &set.items {
            self.directives(selection.node.directives());
            match &selection.node {
                Selection::Field(field) => self.field(&field.node, parent),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(parent, |condition| self.check.types.composite(&condition.node.on.node));
                    self.set(&fragment.node.selection_set.node, on);
                }
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node),
            }
        }
    }

    fn fragment(&mut self, name: &'a str) {
        let Some(fragment) = self.document.fragments.get(name).filter(|_| self.fragments.insert(name)) else { return };
        self.directives(&fragment.node.directives);
        let on = self.check.types.composite(&fragment.node.type_condition.node.on.node);
        self.set(&fragment.node.selection_set.node, on);
    }

    fn field(&mut self, field: &'a Field, parent: Option<&'a Composite>) {
        let name = field.name.node.as_str();
        let known = parent.and_then(|parent| Some((parent, parent.field(name)?)));
        if let Some((parent, known)) = known {
            self.arguments(&field.arguments, &known.arguments, &format!("{}.{name}", parent.name));
        }
        self.set(&field.selection_set.node, known.and_then(|(_, field)| self.check.types.composite(&field.target)));
    }

    fn directives(&mut self, directives: &'a [Positioned<Directive>]) {
        for directive in directives.iter().map(|directive| &directive.node) {
            if let Some(inputs) = self.check.types.directive(&directive.name.node) {
                self.arguments(&directive.arguments, inputs, &format!("@{}", directive.name.node));
            }
        }
    }

    fn arguments(&mut self, given: &'a [(Positioned<Name>, Positioned<Value>)], inputs: &Inputs, of: &str) {
        for (name, value) in given {
            let Some(input) = inputs.get(name.node.as_str()) else { continue };
            if let Err(Mismatch { place, reason }) = self.check.input(&value.node, input) {
                let name = &name.node;
                let message = format!(
                    "The argument `{name}` of `{of}` must be of type `{}`, but `{name}{place}` {reason}.",
                    input.ty
                );
                self.errors.push(ServerError::new(message, Some(value.pos)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::super::fixture;
    use super::*;

    fn wrong(document: &str) -> Vec<String> {
        let errors = check(&fixture::types(), &parse_query(document).unwrap());
        errors.into_iter().map(|error| error.message).collect()
    }

    #[test]
    fn valid_literals_pass() {
        for document in [
            "{ a }",
            "{ a(n: null, l: \"one\", e: ONE, f: 1, id: 7, x: {any: [THING]}) }",
            "{ a(i: {name: \"a\", tags: [\"b\"], inner: {name: \"c\", size: 1, choice: TWO}}) }",
            "{ a(o: {name: \"a\"}, t: \"2026-11-24T12:00:00Z\") }",
            "query ($i: Input, $s: String!, $n: Int, $l: [String!]) { a(i: $i, l: [$s, \"b\"], n: $n) b: a(l: $l) }",
            "query ($s: String!) { a(i: {name: $s}) }",
            // A nullable variable is valid where a default replaces null.
            "query ($n: Int) { a(d: $n) }",
            "query ($n: Int) { a(i: {name: \"a\", size: $n}) }",
            "query ($n: Int = 3) { a(i: {name: \"a\", size: $n}) }",
            "query ($x: String) { a(x: {any: $x}) }",
            "query ($s: String!) { a(o: {name: $s}) }",
            // async-graphql reports undefined names.
            "{ b(n: \"secret\") a(z: \"secret\") { c } }",
            "{ a(n: $undefined) }",
        ] {
            assert_eq!(wrong(document), Vec::<String>::new(), "{document}");
        }
    }

    #[test]
    fn errors_name_the_argument_and_omit_the_value() {
        for (document, end) in [
            ("{ a(n: \"secret\") }", "of type `Int`, but `n` is not a valid `Int`."),
            ("query ($v: String) { a(t: [$v]) }", "is not a valid `DateTime`."),
            ("query ($v: Int) { a(n: [$v]) }", "of type `Int`, but `n` is not a valid `Int`."),
            ("query ($v: String) { a(i: {name: [$v]}) }", "is not a valid `String`."),
            ("{ a(n: 2147483648) }", "but `n` is not a valid `Int`."),
            ("{ a(d: null) }", "of type `Int!`, but `d` is null."),
            ("{ a(l: [\"a\", null]) }", "but `l[1]` is null."),
            ("{ a(e: \"ONE\") }", "but `e` is not a valid `Enum`."),
            ("{ a(e: secret) }", "but `e` is not a valid `Enum`."),
            ("{ a(i: {size: 1}) }", "but `i.name` is missing."),
            ("{ a(i: {name: \"a\", inner: {name: 1}}) }", "but `i.inner.name` is not a valid `String`."),
            ("{ a(i: {name: \"a\", secrets: 1}) }", "but `i` has the field `secrets`, which `Input` does not define."),
            ("{ a(i: \"secret\") }", "but `i` is not a valid `Input`."),
            ("{ a(t: \"secret\") }", "but `t` is not a valid `DateTime`."),
            (
                "{ a(o: {name: \"secret\", number: 1}) }",
                "but `o` must have exactly one field of `Either`, and not null.",
            ),
            ("{ a(o: {name: null}) }", "but `o` must have exactly one field of `Either`, and not null."),
            (
                "query ($s: String) { a(o: {name: $s}) }",
                "but `o` must have exactly one field of `Either`, and not null.",
            ),
            (
                "query ($s: String) { a(l: [$s]) }",
                "but `l[0]` is `$s` of type `String`, which does not match `String!`.",
            ),
            (
                "query ($s: String) { a(i: {name: $s}) }",
                "but `i.name` is `$s` of type `String`, which does not match `String!`.",
            ),
            ("query ($s: String) { a(n: $s) }", "but `n` is `$s` of type `String`, which does not match `Int`."),
            (
                "query ($s: String) { ...F } fragment F on Query { a(l: [$s]) }",
                "of type `String`, which does not match `String!`.",
            ),
            (
                "query ($n: Int = \"secret\") { a(n: $n) }",
                "The default of `$n` must be of type `Int`, but `n` is not a valid `Int`.",
            ),
            ("query ($n: Int) { a @skip(if: $n) }", "but `if` is `$n` of type `Int`, which does not match `Boolean!`."),
            (
                "{ a @include(if: \"secret\") }",
                "The argument `if` of `@include` must be of type `Boolean!`, but `if` is not a valid `Boolean`.",
            ),
        ] {
            let messages = wrong(document);
            assert!(
                messages.len() == 1 && messages[0].ends_with(end) && !messages[0].contains("secret\""),
                "{document}: {messages:?}"
            );
        }
        assert_eq!(wrong("query A { ...F } query B { ...F } fragment F on Query { a(n: 1.5) }").len(), 1);
        assert_eq!(wrong("{ a(n: 1.5, e: 1) b: a(n: true) }").len(), 3);
    }
}
