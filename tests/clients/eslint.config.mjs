// The rules that graphql-eslint recommends for schemas and for Relay. In addition, every element must have a description.
import graphql from "@graphql-eslint/eslint-plugin";

const described = {
  types: true,
  DirectiveDefinition: true,
  FieldDefinition: true,
  InputValueDefinition: true,
  EnumValueDefinition: true,
};

function rules(schema, options) {
  return {
    files: [schema],
    plugins: { "@graphql-eslint": graphql },
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema } } },
    rules: {
      ...graphql.configs["flat/schema-recommended"].rules,
      ...graphql.configs["flat/schema-relay"].rules,
      "@graphql-eslint/require-description": ["error", { ...described, ...options }],
      // In Relay's style, payloads, connections and edges have no id. Types with an id implement Node.
      "@graphql-eslint/strict-id-in-types": "off",
      // `username` is the standard term for the name that a user signs in with.
      "@graphql-eslint/no-typename-prefix": "off",
      // Bounded lists, such as the roles of a user, are plain lists. Only unbounded lists are connections.
      // The nodes of `accessedBy` have no id, because the user can't fetch the audit events behind them.
      "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
    },
  };
}

export default [
  // The introspected schema has the descriptions of all directive arguments.
  rules("generated/admin.graphql"),
  // The printed schema lacks them, because async-graphql does not print them.
  rules("generated/schema.graphql", { ignoredSelectors: ["[parent.kind=DirectiveDefinition]"] }),
];
