// The style of schema.graphql and of what introspection shows an administrator: the rules of graphql-eslint in eslint.config.mjs, and
// all rules of graphql-schema-linter.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import test from "node:test";

// One process for each file: graphql-eslint checks every file of a process against the first schema it has read.
function violations(path) {
  const { stdout, stderr } = spawnSync("node_modules/.bin/eslint", ["--format=json", path], { encoding: "utf8" });
  assert.ok(stdout, stderr);
  const [{ messages }] = JSON.parse(stdout);
  return messages.filter(counts).map(({ line, ruleId, message }) => `${path}:${line} ${ruleId}: ${message}`);
}

// Every type must be reachable. A directive may be unused: introspection shows no applied directives, and async-graphql
// always prints `@specifiedBy`.
function counts({ ruleId, message }) {
  return !(ruleId === "@graphql-eslint/no-unreachable-types" && message.startsWith("Directive "));
}

// ESLint ignores files outside its directory, so it gets a copy.
copyFileSync("../../schema.graphql", "generated/schema.graphql");
for (const path of ["generated/schema.graphql", "generated/admin.graphql"]) {
  test(`${path} has no violations`, () => assert.deepEqual(violations(path), []));
}

test("schema.graphql follows the rules of graphql-schema-linter", () => {
  const { status, stdout } = spawnSync("node_modules/.bin/graphql-schema-linter", ["--format=compact", "../../schema.graphql"], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});
