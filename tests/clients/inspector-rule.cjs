// What graphql-inspector is not to count: introspection knows no applied directives, and the printed schema carries no
// descriptions of directives' arguments, since async-graphql prints none.
module.exports = ({ changes }) =>
  changes.filter(({ type }) => !type.startsWith("DIRECTIVE_USAGE_") && type !== "DIRECTIVE_ARGUMENT_DESCRIPTION_CHANGED");
