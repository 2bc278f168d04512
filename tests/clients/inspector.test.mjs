// graphql-inspector: the documents are valid in schema.graphql, and the running server has the same schema as the file.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import test from "node:test";

const file = "../../schema.graphql";

function inspector(...args) {
  const { status, stdout, stderr } = spawnSync("node_modules/.bin/graphql-inspector", args, { encoding: "utf8" });
  return { status, output: stdout + stderr };
}

const diff = (before, after) => inspector("diff", before, after, "--rule", "./inspector-rule.cjs");

test("every document is valid", () => {
  const { status, output } = inspector("validate", "documents/*.graphql", file);
  assert.equal(status, 0, output);
  assert.match(output, /All documents are valid/);
});

test("the administrator sees exactly the schema in the file", () => {
  const { status, output } = diff(file, "generated/admin.json");
  assert.equal(status, 0, output);
  // The status is 0 for additions and changed descriptions too, so the test checks the output.
  assert.match(output, /No changes detected/);
});

test("a changed description is detected", () => {
  const changed = "generated/changed.graphql";
  writeFileSync(changed, readFileSync(file, "utf8").replace("The mutations of the server.", "Other words."));
  assert.doesNotMatch(diff(changed, "generated/admin.json").output, /No changes detected/);
});
