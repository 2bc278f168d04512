// graphql-codegen: types for schema.graphql and for the schema that each role sees, and a program that compiles with them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";
import { generate } from "@graphql-codegen/cli";

const anonymous = ["documents/anonymous.graphql"];
const user = [...anonymous, "documents/user.graphql"];
const admin = [...user, "documents/admin.graphql"];
const projects = [
  { name: "file", schema: "../../schema.graphql", documents: admin },
  { name: "anonymous", schema: "generated/anonymous.json", documents: anonymous },
  { name: "user", schema: "generated/user.json", documents: user },
  { name: "admin", schema: "generated/admin.json", documents: admin },
];

function config(chosen) {
  const generates = chosen.map(({ name, schema, documents }) => [
    `generated/${name}/`,
    {
      schema,
      documents,
      preset: "client",
      // strictScalars: a custom scalar that this file does not list is a failure, not an `any`.
      config: { strictScalars: true, scalars: { DateTime: "string", JSON: "Record<string, unknown>" } },
    },
  ]);
  return { generates: Object.fromEntries(generates), silent: true };
}

test("the generated types and a program that uses them compile in strict mode", async () => {
  await generate(config(projects), true);
  execFileSync("node_modules/.bin/tsc", ["--project", "codegen"], { stdio: "inherit" });
});

test("documents with fields that a role can't see are rejected", async () => {
  const beyond = { name: "beyond", schema: "generated/user.json", documents: admin };
  await assert.rejects(generate(config([beyond]), false), /Cannot query field "admin" on type "Query"/);
});
