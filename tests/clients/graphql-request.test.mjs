// graphql-request: register, sign in, and a guarded query as a user and as the administrator.
import assert from "node:assert/strict";
import test from "node:test";
import { ClientError } from "graphql-request";
import { admin, client, register } from "./actors.mjs";

test("a user registers and is denied a field that requires a role", async () => {
  const bob = await register("bob");
  assert.equal(bob.user.username, "bob");
  assert.deepEqual(bob.user.roles, [{ name: "user" }]);
  const refusal = await client(bob.accessToken).request("{ admin { message } }").catch((error) => error);
  assert.ok(refusal instanceof ClientError);
  assert.deepEqual(refusal.response.data, { admin: null });
  const [{ path, extensions }] = refusal.response.errors;
  assert.deepEqual(path, ["admin"]);
  assert.equal(extensions.code, "FORBIDDEN");
  assert.equal(extensions.coordinate, "Query.admin");
  assert.deepEqual(extensions.requires, { role: "admin" });
});

test("the administrator signs in and can read the field", async () => {
  const { accessToken, expiresIn } = await admin();
  assert.equal(expiresIn, 900);
  assert.deepEqual(await client(accessToken).request("{ admin { message } }"), {
    admin: { message: "Welcome, Admin!" },
  });
});

test("a list can be read in pages", async () => {
  const { accessToken } = await admin();
  const document = `query Users($after: String) {
    users(first: 1, after: $after) { totalCount edges { cursor node { id username email createdAt } } pageInfo { hasNextPage endCursor } }
  }`;
  const names = [];
  for (let after = null, more = true; more; ) {
    const { users } = await client(accessToken).request(document, { after });
    assert.equal(users.edges.length, 1);
    names.push(users.edges[0].node.username);
    ({ endCursor: after, hasNextPage: more } = users.pageInfo);
  }
  assert.ok(names.includes("ada"));
  assert.equal(new Set(names).size, names.length);
});
