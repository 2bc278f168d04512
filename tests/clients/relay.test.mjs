// relay-compiler: a page through the accounts, refetching by Node and mutations, against every schema that shows them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import test from "node:test";

/** Compiles the sources of these audiences against a schema, in a directory of their own. */
function compile(name, schema, audiences) {
  const root = `generated/relay/${name}`;
  for (const audience of audiences) cpSync(`relay/${audience}`, `${root}/src/${audience}`, { recursive: true });
  mkdirSync(`${root}/artifacts`);
  cpSync(schema, `${root}/schema.graphql`);
  const config = {
    src: "./src",
    schema: "./schema.graphql",
    artifactDirectory: "./artifacts",
    language: "typescript",
    // A scalar of ours that this file does not name is a failure, not an `any`.
    requireCustomScalarTypes: true,
    customScalarTypes: { DateTime: "string" },
  };
  writeFileSync(`${root}/relay.config.json`, JSON.stringify(config));
  const compiler = resolve("node_modules/.bin/relay-compiler");
  const options = { cwd: root, encoding: "utf8" };
  const { status, stdout, stderr } = spawnSync(compiler, ["--noWatchman", "relay.config.json"], options);
  const made = (artifact) => existsSync(`${root}/artifacts/${artifact}.graphql.ts`);
  return { status, said: stdout + stderr, made };
}

const projects = [
  ["anonymous", "generated/anonymous.graphql", ["anonymous"], "SignInMutation"],
  ["user", "generated/user.graphql", ["anonymous", "user"], "ProfileRefetchQuery"],
  ["admin", "generated/admin.graphql", ["anonymous", "user", "admin"], "AccountsPageQuery"],
  ["file", "../../schema.graphql", ["anonymous", "user", "admin"], "AccountsPageQuery"],
];

for (const [name, schema, audiences, artifact] of projects) {
  test(`what ${name} shows compiles`, () => {
    const { status, said, made } = compile(name, schema, audiences);
    assert.equal(status, 0, said);
    assert.ok(made(artifact), said);
  });
}

test("what a role is not shown does not compile", () => {
  const { status, said } = compile("beyond", "generated/user.graphql", ["user", "admin"]);
  assert.notEqual(status, 0);
  assert.match(said, /users/);
});
