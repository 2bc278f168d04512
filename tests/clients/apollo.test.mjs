// Apollo Client 4: a set-up for one test, and partial data with its refusal.
import assert from "node:assert/strict";
import test from "node:test";
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { of } from "rxjs";
import { register, url } from "./actors.mjs";

function apollo(token) {
  const auth = new SetContextLink(({ headers }) => ({ headers: { ...headers, authorization: `Bearer ${token}` } }));
  return new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([auth, new HttpLink({ uri: url })]),
  });
}

// What Apollo says on the console meanwhile. Its development build, which run.sh asks for, complains of missing fields.
function complaints(t) {
  const said = [];
  for (const level of ["warn", "error"]) t.mock.method(console, level, (...words) => said.push(words));
  return said;
}

test("a refused field is null and its neighbor is there", async (t) => {
  const said = complaints(t);
  const carol = await register("carol");
  const { data, error } = await apollo(carol.accessToken).query({
    query: gql`query Mixed { me { username email roles { name } permissions { name } } admin { message } }`,
    errorPolicy: "all",
  });
  assert.equal(data.me.username, "carol");
  assert.equal(data.me.email, null);
  assert.deepEqual(data.me.permissions, []);
  assert.equal(data.admin, null);
  assert.ok(CombinedGraphQLErrors.is(error));
  assert.equal(error.errors[0].extensions.code, "FORBIDDEN");
  assert.deepEqual(said, []);
});

test("a watched query shows partial data, again from the cache, and misses no field", async (t) => {
  const said = complaints(t);
  const { accessToken } = await register("greta");
  const client = apollo(accessToken);
  const query = gql`query Watched { me { id username email state } admin { message users { total } } }`;
  const watched = client.watchQuery({ query, errorPolicy: "all" });
  const seen = await new Promise((resolve) => {
    watched.subscribe((result) => result.loading || resolve(result));
  });
  assert.equal(seen.dataState, "complete");
  assert.equal(seen.data.me.state, "ACTIVE");
  assert.equal(seen.data.admin, null);
  assert.ok(CombinedGraphQLErrors.is(seen.error));
  // A refused field is null in the answer, never absent: that is what lets the cache hold the whole query.
  assert.deepEqual(client.readQuery({ query }), seen.data);
  assert.deepEqual(said, []);
});

test("a missing field would be complained of", async (t) => {
  const said = complaints(t);
  const link = new ApolloLink(() => of({ data: { me: { __typename: "User", id: "1" } } }));
  await new ApolloClient({ cache: new InMemoryCache(), link }).query({ query: gql`{ me { id email } }` });
  assert.match(said.flat().join(" "), /Missing field/);
});
