// Apollo Client 4: partial data with a denied field.
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

// Records Apollo's console messages. Its development build, which run.sh selects, reports missing fields.
function consoleMessages(t) {
  const messages = [];
  for (const level of ["warn", "error"]) t.mock.method(console, level, (...words) => messages.push(words));
  return messages;
}

test("a denied field is null and its siblings have values", async (t) => {
  const messages = consoleMessages(t);
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
  assert.deepEqual(messages, []);
});

test("a watched query shows partial data, also from the cache, without missing fields", async (t) => {
  const messages = consoleMessages(t);
  const { accessToken } = await register("greta");
  const client = apollo(accessToken);
  const query = gql`query Watched { me { id username email state } admin { message users { total } } }`;
  const watched = client.watchQuery({ query, errorPolicy: "all" });
  const result = await new Promise((resolve) => {
    watched.subscribe((next) => next.loading || resolve(next));
  });
  assert.equal(result.dataState, "complete");
  assert.equal(result.data.me.state, "ACTIVE");
  assert.equal(result.data.admin, null);
  assert.ok(CombinedGraphQLErrors.is(result.error));
  // A denied field is null in the answer, never absent. Therefore the cache can hold the whole query.
  assert.deepEqual(client.readQuery({ query }), result.data);
  assert.deepEqual(messages, []);
});

test("Apollo reports a missing field", async (t) => {
  const messages = consoleMessages(t);
  const link = new ApolloLink(() => of({ data: { me: { __typename: "User", id: "1" } } }));
  await new ApolloClient({ cache: new InMemoryCache(), link }).query({ query: gql`{ me { id email } }` });
  assert.match(messages.flat().join(" "), /Missing field/);
});
