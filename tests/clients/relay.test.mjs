// relay-compiler: pagination, refetching by Node and mutations, against every schema that contains them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import test from "node:test";

/** Compiles the sources of these roles against a schema, in a separate directory. */
function compile(name, schema, roles) {
  const root = `generated/relay/${name}`;
  for (const role of roles) cpSync(`relay/${role}`, `${root}/src/${role}`, { recursive: true });
  mkdirSync(`${root}/artifacts`);
  cpSync(schema, `${root}/schema.graphql`);
  const config = {
    src: "./src",
    schema: "./schema.graphql",
    artifactDirectory: "./artifacts",
    language: "typescript",
    // A custom scalar that this file does not list is a failure, not an `any`.
    requireCustomScalarTypes: true,
    customScalarTypes: { DateTime: "string", JSON: "Readonly<Record<string, unknown>>" },
  };
  writeFileSync(`${root}/relay.config.json`, JSON.stringify(config));
  const compiler = resolve("node_modules/.bin/relay-compiler");
  const options = { cwd: root, encoding: "utf8" };
  const { status, stdout, stderr } = spawnSync(compiler, ["--noWatchman", "relay.config.json"], options);
  const exists = (artifact) => existsSync(`${root}/artifacts/${artifact}.graphql.ts`);
  return { status, output: stdout + stderr, exists };
}

const projects = [
  ["anonymous", "generated/anonymous.graphql", ["anonymous"], "SignInMutation"],
  ["user", "generated/user.graphql", ["anonymous", "user"], "ProfileRefetchQuery"],
  ["admin", "generated/admin.graphql", ["anonymous", "user", "admin"], "AccountsPageQuery"],
  ["file", "../../schema.graphql", ["anonymous", "user", "admin"], "AccountsPageQuery"],
];

for (const [name, schema, roles, artifact] of projects) {
  test(`the documents compile with the schema of ${name}`, () => {
    const { status, output, exists } = compile(name, schema, roles);
    assert.equal(status, 0, output);
    assert.ok(exists(artifact), output);
  });
}

test("documents with fields that a role can't see do not compile", () => {
  const { status, output } = compile("beyond", "generated/user.graphql", ["user", "admin"]);
  assert.notEqual(status, 0);
  assert.match(output, /users/);
});
