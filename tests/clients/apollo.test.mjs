// Apollo Client 4: the set-up README shows, and partial data with its refusal.
import assert from "node:assert/strict";
import test from "node:test";
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { register, url } from "./actors.mjs";

function apollo(token) {
  const auth = new SetContextLink(({ headers }) => ({ headers: { ...headers, authorization: `Bearer ${token}` } }));
  return new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([auth, new HttpLink({ uri: url })]),
  });
}

test("a refused field is null and its neighbor is there", async () => {
  const carol = await register("carol");
  const { data, error } = await apollo(carol.accessToken).query({
    query: gql`query Mixed { me { username email roles { name } permissions } admin { message } }`,
    errorPolicy: "all",
  });
  assert.equal(data.me.username, "carol");
  assert.equal(data.me.email, null);
  assert.deepEqual(data.me.permissions, []);
  assert.equal(data.admin, null);
  assert.ok(CombinedGraphQLErrors.is(error));
  assert.equal(error.errors[0].extensions.code, "FORBIDDEN");
});
