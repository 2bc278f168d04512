// urql: a query and a mutation through its cache, and a denied field next to data.
import assert from "node:assert/strict";
import test from "node:test";
import { Client, cacheExchange, fetchExchange } from "@urql/core";
import { register, url } from "./actors.mjs";

function urql(token) {
  return new Client({
    url,
    exchanges: [cacheExchange, fetchExchange],
    fetchOptions: () => ({ headers: token ? { authorization: `Bearer ${token}` } : {} }),
  });
}

test("a query and a mutation succeed", async () => {
  const erin = urql((await register("erin")).accessToken);
  const before = await erin.query("{ me { id username email } }", {}).toPromise();
  assert.equal(before.error, undefined);
  assert.equal(before.data.me.email, null);

  const document = `mutation Update($input: UpdateProfileInput!) {
    updateProfile(input: $input) { user { id username email } }
  }`;
  const changed = await erin.mutation(document, { input: { email: "erin@example.org" } }).toPromise();
  assert.equal(changed.error, undefined);
  assert.equal(changed.data.updateProfile.user.id, before.data.me.id);

  // The cache invalidates by __typename: the mutation returned a User, so urql sends the query again.
  const after = await erin.query("{ me { id username email } }", {}).toPromise();
  assert.equal(after.data.me.email, "erin@example.org");
});

test("a denied field is null with an error, and its siblings have values", async () => {
  const frank = urql((await register("frank")).accessToken);
  const { data, error } = await frank.query("{ me { username } admin { message } }", {}).toPromise();
  assert.equal(data.me.username, "frank");
  assert.equal(data.admin, null);
  assert.equal(error.networkError, undefined);
  assert.equal(error.graphQLErrors.length, 1);
  assert.deepEqual(error.graphQLErrors[0].path, ["admin"]);
  assert.equal(error.graphQLErrors[0].extensions.code, "FORBIDDEN");
});
