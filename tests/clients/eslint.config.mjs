// The rules that graphql-eslint recommends for schemas and for Relay, and beyond them: every single thing has a description.
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
      // Payloads, connections and edges have no identity of their own in Relay's style; what has one implements Node.
      "@graphql-eslint/strict-id-in-types": "off",
      // It is the name one signs in with, in OpenID Connect's and everyone's word for it, and not the user's name.
      "@graphql-eslint/no-typename-prefix": "off",
      // Lists that cannot grow, such as the roles of an account, are plain lists; only those that can are connections.
      // Nor need what an edge leads to have an id: who read one's data (`accessedBy`) is told of rows that one may not fetch.
      "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
    },
  };
}

export default [
  // What introspection shows has the descriptions of all directives' arguments,
  rules("generated/admin.graphql"),
  // which the printed schema lacks, since async-graphql prints none.
  rules("generated/schema.graphql", { ignoredSelectors: ["[parent.kind=DirectiveDefinition]"] }),
];
