// The Apollo Client of the book: queries that fail together share one token refresh, tabs share the tokens, and a revoked
// session leaves no tokens.
import assert from "node:assert/strict";
import test from "node:test";
import { gql } from "@apollo/client";
import { createClient } from "./node_modules/.fieldguard/client.mjs";
import { client, url } from "./actors.mjs";

const ME = gql`query Me { me { id username } }`;

/** The storage that all tabs of a browser share. */
class Storage {
  #items = new Map();
  getItem(key) { return this.#items.get(key) ?? null; }
  setItem(key, text) { this.#items.set(key, text); }
  removeItem(key) { this.#items.delete(key); }
}

async function signedIn(username) {
  const document = "mutation ($input: RegisterInput!) { register(input: $input) { accessToken refreshToken } }";
  const input = { username, password: "correct horse battery" };
  const storage = new Storage();
  storage.setItem("fieldguard", JSON.stringify((await client().request(document, { input })).register));
  return storage;
}

/** Replaces the access token with one that the server rejects like an expired one. */
function expire(storage) {
  storage.setItem("fieldguard", JSON.stringify({ ...JSON.parse(storage.getItem("fieldguard")), accessToken: "expired" }));
}

/** Runs `work` and returns the number of token refreshes. */
async function refreshes(work) {
  const real = globalThis.fetch;
  let count = 0;
  globalThis.fetch = (target, options) => {
    if (String(options?.body).includes("refresh(input")) count += 1;
    return real(target, options);
  };
  try {
    await work();
  } finally {
    globalThis.fetch = real;
  }
  return count;
}

test("ten queries that fail together share one refresh", async () => {
  const storage = await signedIn("tabby");
  const apollo = createClient({ uri: url, storage });
  expire(storage);
  const count = await refreshes(async () => {
    const queries = Array.from({ length: 10 }, () =>
      apollo.query({ query: ME, fetchPolicy: "no-cache", context: { queryDeduplication: false } }));
    for (const { data, error } of await Promise.all(queries)) {
      assert.equal(error, undefined);
      assert.equal(data.me.username, "tabby");
    }
  });
  assert.equal(count, 1);
});

test("tabs that fail together get the same tokens", async () => {
  const storage = await signedIn("tabs");
  const tabs = Array.from({ length: 5 }, () => createClient({ uri: url, storage }));
  for (let round = 0; round < 5; round += 1) {
    expire(storage);
    const answers = await Promise.all(tabs.map((tab) => tab.query({ query: ME, fetchPolicy: "no-cache" })));
    for (const { data, error } of answers) {
      assert.equal(error, undefined);
      assert.equal(data.me.username, "tabs");
    }
  }
});

test("a revoked session leaves no tokens and one error", async () => {
  const storage = await signedIn("gone");
  const { accessToken } = JSON.parse(storage.getItem("fieldguard"));
  await client(accessToken).request("mutation { logoutEverywhere { sessionsRevoked } }");
  const { data, error } = await createClient({ uri: url, storage }).query({ query: ME, fetchPolicy: "no-cache" });
  assert.equal(data?.me, undefined);
  assert.equal(error.errors[0].extensions.code, "UNAUTHENTICATED");
  assert.equal(storage.getItem("fieldguard"), null);
});
