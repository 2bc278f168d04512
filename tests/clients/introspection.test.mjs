// graphql-js: each caller sees a valid schema that contains only what the caller can reach.
import assert from "node:assert/strict";
import test from "node:test";
import { buildClientSchema, buildSchema, getIntrospectionQuery, validateSchema } from "graphql";
import { readFileSync } from "node:fs";
import { admin, client, register } from "./actors.mjs";

async function schemaOf(token) {
  const options = { inputValueDeprecation: true, specifiedByUrl: true, oneOf: true, schemaDescription: true };
  const schema = buildClientSchema(await client(token).request(getIntrospectionQuery(options)));
  assert.deepEqual(validateSchema(schema), []);
  return schema;
}

const fields = (schema, type) => Object.keys(schema.getType(type)?.getFields() ?? {});

test("an anonymous caller sees only public fields", async () => {
  const schema = await schemaOf();
  assert.deepEqual(fields(schema, "Query").sort(), ["access", "serverInfo"]);
  assert.deepEqual(fields(schema, "Mutation").sort(), [
    "beginTotpEnrollmentAtSignIn", "completeSignIn", "login", "logout", "refresh", "register", "requestPasswordReset",
    "resetPassword", "undoEmailChange",
  ]);
  assert.equal(schema.getType("AdminOverview"), undefined);
  assert.equal(schema.getType("SetUserRolesInput"), undefined);
});

test("a user sees the fields of their own account", async () => {
  const { accessToken } = await register("dora");
  const schema = await schemaOf(accessToken);
  assert.ok(fields(schema, "Query").includes("me"));
  assert.ok(!fields(schema, "Query").includes("admin"));
  assert.ok(!fields(schema, "Role").includes("permissions"));
});

test("the administrator sees the whole schema of schema.graphql", async () => {
  const { accessToken } = await admin();
  const schema = await schemaOf(accessToken);
  const file = buildSchema(readFileSync("../../schema.graphql", "utf8"));
  assert.deepEqual(validateSchema(file), []);
  for (const [name, type] of Object.entries(file.getTypeMap()).filter(([name]) => !name.startsWith("__"))) {
    assert.ok(schema.getType(name), name);
    if (type.getFields) assert.deepEqual(fields(schema, name).sort(), Object.keys(type.getFields()).sort(), name);
  }
});
