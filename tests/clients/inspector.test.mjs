// graphql-inspector: the documents fit schema.graphql, and the running server has the very schema that the file says.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import test from "node:test";

const file = "../../schema.graphql";

function inspector(...args) {
  const { status, stdout, stderr } = spawnSync("node_modules/.bin/graphql-inspector", args, { encoding: "utf8" });
  return { status, said: stdout + stderr };
}

const diff = (before, after) => inspector("diff", before, after, "--rule", "./inspector-rule.cjs");

test("every document is valid", () => {
  const { status, said } = inspector("validate", "documents/*.graphql", file);
  assert.equal(status, 0, said);
  assert.match(said, /All documents are valid/);
});

test("the administrator is shown what the file says, neither more nor less", () => {
  const { status, said } = diff(file, "generated/admin.json");
  assert.equal(status, 0, said);
  // Additions and changed descriptions leave the status at 0: the words decide.
  assert.match(said, /No changes detected/);
});

test("a description that differs would be found", () => {
  const changed = "generated/changed.graphql";
  writeFileSync(changed, readFileSync(file, "utf8").replace("Changes one can ask of the server.", "Other words."));
  assert.doesNotMatch(diff(changed, "generated/admin.json").said, /No changes detected/);
});
