// Pages of other origins in Chromium: the headers that libraries of front ends add, and the refresh cookie across sites.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { options } from "./chromium.mjs";
import { ADMIN, startServer } from "./server.mjs";

// By library: Apollo Client and its CSRF protection, Relay and older libraries, Sentry, OpenTelemetry, Datadog.
const HEADERS = {
  "apollo client awareness": { "apollographql-client-name": "web", "apollographql-client-version": "1.0" },
  "apollo csrf prevention": { "apollo-require-preflight": "true", "x-apollo-operation-name": "Q" },
  "ajax mark": { "x-requested-with": "XMLHttpRequest" },
  sentry: { "sentry-trace": "12345678901234567890123456789012-1234567890123456-1", baggage: "sentry-environment=production" },
  opentelemetry: { traceparent: "00-12345678901234567890123456789012-1234567890123456-01", tracestate: "a=b" },
  datadog: { "x-datadog-trace-id": "1", "x-datadog-parent-id": "2", "x-datadog-origin": "rum" },
  fieldguard: { "x-fieldguard-on-denied": "reject", "x-request-id": "page-1" },
};

const pages = createServer((_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>page</title>"));
let browser, sameSite, otherSite;

before(async () => {
  await new Promise((resolve) => pages.listen(0, "0.0.0.0", resolve));
  const { port } = pages.address();
  // The server is at 127.0.0.1. `localhost` is another site.
  [sameSite, otherSite] = [`http://127.0.0.1:${port}`, `http://localhost:${port}`];
  browser = await chromium.launch(options);
});
after(async () => {
  await browser?.close();
  pages.close();
});

/** Opens a page of the origin, with a function that sends a request from it. */
async function visit(context, origin, server) {
  const page = await context.newPage();
  await page.goto(origin);
  const send = (query, headers = {}, variables = {}) => page.evaluate(async ({ url, body, headers }) => {
    const init = { method: "POST", credentials: "include", headers: { "content-type": "application/json", ...headers }, body };
    const response = await fetch(url, init).catch((error) => ({ failure: error.message }));
    if (response.failure) return response;
    return { id: response.headers.get("x-request-id"), json: await response.json() };
  }, { url: `${server.origin}/graphql`, body: JSON.stringify({ query, variables }), headers });
  return send;
}

test("pages of an allowed origin can send the headers of their libraries", { timeout: 60_000 }, async () => {
  const server = await startServer({ FIELDGUARD_CORS_ORIGINS: otherSite });
  const context = await browser.newContext();
  try {
    const send = await visit(context, otherSite, server);
    for (const [library, headers] of Object.entries(HEADERS)) {
      const { json, id, failure } = await send("{ __typename }", headers);
      assert.deepEqual(json, { data: { __typename: "Query" } }, `${library}: ${failure}`);
      assert.ok(id, `${library}: no X-Request-Id`);
    }
    const foreign = await visit(context, sameSite, server);
    for (const headers of [{}, HEADERS.sentry]) {
      assert.match((await foreign("{ __typename }", headers)).failure, /Failed to fetch/);
    }
  } finally {
    await context.close();
    await server.stop();
  }
});

const LOGIN = "mutation($i: LoginInput!) { login(input: $i) { tokenType refreshToken } }";
const REFRESH = "mutation { refresh { tokenType } }";
const input = { i: { ...ADMIN, delivery: "COOKIE" } };

test("the cookie of another site is refused by default, and partitioned if configured", { timeout: 60_000 }, async () => {
  const origins = `${sameSite},${otherSite}`;
  const strict = await startServer({ FIELDGUARD_CORS_ORIGINS: origins });
  const none = await startServer({ FIELDGUARD_CORS_ORIGINS: origins, FIELDGUARD_SESSION_SAME_SITE: "none" });
  const context = await browser.newContext();
  try {
    const refused = await (await visit(context, otherSite, strict))(LOGIN, {}, input);
    assert.equal(refused.json.errors[0].extensions.reason, "CROSS_SITE");

    const send = await visit(context, otherSite, none);
    assert.deepEqual((await send(LOGIN, {}, input)).json, { data: { login: { tokenType: "BEARER", refreshToken: null } } });
    assert.deepEqual((await send(REFRESH)).json, { data: { refresh: { tokenType: "BEARER" } } });
    const [cookie] = await context.cookies();
    assert.deepEqual([cookie.sameSite, cookie.secure, cookie.httpOnly], ["None", true, true]);

    const elsewhere = await visit(context, sameSite, none);
    assert.equal((await elsewhere(REFRESH)).json.errors[0].extensions.code, "UNAUTHENTICATED", "each site has its own cookie");
  } finally {
    await context.close();
    await Promise.all([strict.stop(), none.stop()]);
  }
});

test("the playground works below the path of the public URL", { timeout: 60_000 }, async () => {
  const server = await startServer({ FIELDGUARD_PUBLIC_URL: "http://localhost:4000/auth" });
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const failed = [];
    page.on("response", (response) => response.status() >= 400 && failed.push(response.url()));
    await page.goto(`${server.origin}/auth`);
    await page.getByLabel("Username").fill(ADMIN.username);
    await page.getByLabel("Password").fill(ADMIN.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator("#who", { hasText: ADMIN.username }).waitFor();
    assert.deepEqual(failed, []);
  } finally {
    await context.close();
    await server.stop();
  }
});
