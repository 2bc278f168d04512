// The playground in Chromium: what users see and do.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { options } from "./chromium.mjs";
import { ADMIN, root, startServer } from "./server.mjs";
import { Visitor } from "./visitor.mjs";

const PASSWORD = "a quiet walk in the woods";
const SCREENSHOT = join(root, "target/playground.png");

let server, browser;
before(async () => {
  mkdirSync(join(root, "target"), { recursive: true });
  server = await startServer();
  browser = await chromium.launch(options);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A test with a visitor. Checks that the page sends requests only to this host, and that the console shows no errors except those `expected`. */
function visit(name, act, { expected = [], ...context } = {}) {
  test(name, { timeout: 60_000 }, async () => {
    const visitor = await Visitor.open(browser, server.origin, context);
    visitor.page.setDefaultTimeout(15_000);
    try {
      await act(visitor);
      const foreign = visitor.requests.filter((url) => !url.startsWith(`${server.origin}/`) && !url.startsWith("data:"));
      assert.deepEqual(foreign, [], "every request goes to this host");
      assert.ok(visitor.requests.length > 5, "requests are recorded");
      const problems = visitor.problems.filter((text) => !expected.some((pattern) => pattern.test(text)));
      assert.deepEqual(problems, []);
    } finally {
      await visitor.close();
    }
  });
}

visit("a new user registers, runs a query, and is denied the administrator's fields", async (visitor) => {
  assert.ok(!(await visitor.documentedQueries("serverInfo")).includes("me"));
  await visitor.signIn("bea", PASSWORD, "Register");
  await visitor.isSignedInAs("bea", "user");

  const me = await visitor.run("Me");
  assert.equal(me.data.me.username, "bea");
  const refused = await visitor.run("Admin");
  assert.equal(refused.data.admin, null);
  assert.equal(refused.errors[0].extensions.code, "FORBIDDEN");
  await visitor.page.locator(".result-window").getByText(refused.errors[0].message).waitFor();

  const fields = await visitor.documentedQueries("me");
  assert.ok(!fields.includes("admin") && !fields.includes("users"), fields.join());
});

visit("the administrator sees the documentation of every field, and runs queries", async (visitor) => {
  await visitor.signIn(ADMIN.username, ADMIN.password);
  await visitor.isSignedInAs(ADMIN.username, "admin");
  const fields = await visitor.documentedQueries("admin");
  assert.ok(fields.includes("users") && fields.includes("me"), fields.join());
  assert.equal((await visitor.run("Admin")).errors, undefined);
  assert.ok((await visitor.run("Users")).data.users.totalCount >= 1);
  await visitor.page.screenshot({ path: SCREENSHOT });
});

visit("the examples work on a new server, and the register example signs in", async (visitor) => {
  assert.ok((await visitor.run("ServerInfo")).data.serverInfo.version);
  assert.ok((await visitor.run("Register")).data.register.accessToken);
  await visitor.isSignedInAs("ann", "user");
  assert.ok((await visitor.run("Login")).data.login.accessToken);
  assert.equal((await visitor.run("Me")).data.me.username, "ann");
});

visit("a wrong password shows an error, and signing out revokes the session", async (visitor) => {
  await visitor.signIn(ADMIN.username, "not the password");
  await visitor.page.getByRole("status").getByText(/\w+/).waitFor();
  // After a failure the server rate limits sign-ins for one second.
  await visitor.page.waitForTimeout(1_100);
  await visitor.signIn(ADMIN.username, ADMIN.password);
  await visitor.isSignedInAs(ADMIN.username, "admin");
  await visitor.page.reload();
  await visitor.isSignedInAs(ADMIN.username, "admin");
  const { accessToken } = await storedSession(visitor.page);
  const loggedOut = visitor.page.waitForResponse((response) => response.request().postDataJSON().query.includes("logout("));
  await visitor.page.getByRole("button", { name: "Sign out" }).click();
  await loggedOut;
  assert.equal((await send(accessToken, "{ me { id } }")).status, 401, "the server has revoked the session");
  assert.equal((await visitor.run("Me")).errors[0].extensions.code, "UNAUTHENTICATED");
  assert.ok(!(await visitor.documentedQueries("serverInfo")).includes("admin"));
});

visit("a user with roles:read can view the schema as another role, and still runs queries with their own permissions", async (visitor) => {
  const { page } = visitor;
  const choice = page.getByLabel("View schema as");
  await visitor.signIn(ADMIN.username, ADMIN.password);
  await visitor.isSignedInAs(ADMIN.username, "admin");
  await choice.getByRole("option", { name: "user", exact: true }).waitFor({ state: "attached" });
  assert.deepEqual(await choice.getByRole("option").allTextContents(), ["myself", "admin", "user", "not signed in"]);
  assert.ok((await visitor.documentedQueries("me")).includes("users"));

  /** Views the schema as `role`. Resolves to the fields of `Query` when the documentation shows them. */
  async function fieldsAs(role) {
    const shown = page.waitForResponse((response) => response.request().postDataJSON()?.operationName === "IntrospectionQuery");
    await choice.selectOption(role);
    const { data } = await (await shown).json();
    const expected = data.__schema.types.find((type) => type.name === "Query").fields.map((field) => field.name);
    await visitor.documents(expected);
    return expected;
  }
  const asUser = await fieldsAs("user");
  assert.ok(asUser.includes("me") && !asUser.includes("users"), asUser.join());
  await page.screenshot({ path: SCREENSHOT.replace(".png", "-view.png") });
  assert.equal((await visitor.run("Admin")).errors, undefined);
  const asAnonymous = await fieldsAs("not signed in");
  assert.ok(asAnonymous.includes("serverInfo") && !asAnonymous.includes("me"), asAnonymous.join());
  assert.ok((await fieldsAs("myself")).includes("users"));

  await fieldsAs("user");
  await page.getByRole("button", { name: "Sign out" }).click();
  await choice.waitFor({ state: "hidden" });
  await visitor.signIn(ADMIN.username, ADMIN.password);
  await visitor.isSignedInAs(ADMIN.username, "admin");
  assert.equal(await choice.inputValue(), "");
  await visitor.documents(["users", "me"]);
});

visit("a user without roles:read can't view the schema as another role", async (visitor) => {
  await visitor.signIn("cleo", PASSWORD, "Register");
  await visitor.isSignedInAs("cleo", "user");
  await visitor.documents(["me"]);
  assert.ok(!await visitor.page.getByLabel("View schema as").isVisible());
});

/** The session that the page has stored. */
const storedSession = (page) => page.evaluate(() => JSON.parse(localStorage.getItem("fieldguard:session")));

/** Sends a document outside the page, with the access token. */
const send = (token, query) => fetch(`${server.origin}/graphql`, {
  method: "POST",
  headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
  body: JSON.stringify({ query }),
});

// The console reports rejected tokens, and rejected attempts to renew them, as errors.
const unauthorized = { expected: [/status of 40[01]/] };

visit("a revoked session shows a message and keeps the query", async (visitor) => {
  const { page } = visitor;
  await visitor.signIn("dora", PASSWORD, "Register");
  await visitor.isSignedInAs("dora", "user");
  await visitor.choose("Me");
  await send((await storedSession(page)).accessToken, "mutation { logoutEverywhere { sessionsRevoked } }");
  await visitor.execute();
  await page.getByRole("status").getByText("Your session has ended").waitFor();
  await page.getByRole("form", { name: "Sign in" }).waitFor();
  await page.locator(".graphiql-query-editor").getByText("Who am I").waitFor();
}, unauthorized);

visit("an expired access token is renewed, and the request is sent again", async (visitor) => {
  const { page } = visitor;
  await visitor.signIn(ADMIN.username, ADMIN.password);
  await visitor.isSignedInAs(ADMIN.username, "admin");
  await page.evaluate(() => {
    const storedSession = JSON.parse(localStorage.getItem("fieldguard:session"));
    localStorage.setItem("fieldguard:session", JSON.stringify({ ...storedSession, accessToken: "gone" }));
  });
  await page.reload();
  await visitor.isSignedInAs(ADMIN.username, "admin");
  const answered = page.waitForResponse(async (response) => response.request().postDataJSON().operationName === "Me" && response.ok());
  await visitor.choose("Me");
  await visitor.execute();
  assert.equal((await (await answered).json()).data.me.username, ADMIN.username);
}, unauthorized);

/** Opens the page in another tab with the session storage of the first, as a browser does that duplicates a tab. */
async function duplicate({ page }) {
  const kept = await page.evaluate(() => JSON.stringify(sessionStorage));
  const tab = await page.context().newPage();
  await tab.addInitScript((kept) => Object.entries(JSON.parse(kept)).forEach(([key, value]) => sessionStorage.setItem(key, value)), kept);
  await tab.goto(server.origin);
  await tab.locator(".graphiql-container").waitFor();
  return tab;
}

/** Resolves when both tabs see the same stored session. A change in one tab reaches the other a moment later. */
async function synchronized(...tabs) {
  const storedSession = () => Promise.all(tabs.map((tab) => tab.evaluate(() => localStorage.getItem("fieldguard:session"))));
  while (new Set(await storedSession()).size > 1);
}

/** Sends a query as the page does when the user runs it. */
const ask = (tab) => tab.evaluate(() => session.send({ query: "{ me { username } }" }));

visit("a duplicated tab shares the session when both renew it repeatedly", async (visitor) => {
  const { page } = visitor;
  await visitor.signIn("emil", PASSWORD, "Register");
  await visitor.isSignedInAs("emil", "user");
  const tab = await duplicate(visitor);
  await tab.getByRole("region", { name: "Account" }).getByText("emil", { exact: true }).waitFor();
  for (let round = 0; round < 3; round++) {
    await synchronized(page, tab);
    await page.evaluate(() => {
      const storedSession = JSON.parse(localStorage.getItem("fieldguard:session"));
      localStorage.setItem("fieldguard:session", JSON.stringify({ ...storedSession, accessToken: "gone" }));
    });
    const answers = await Promise.all([ask(page), ask(tab), ask(page), ask(tab)]);
    assert.deepEqual(answers.map(({ data }) => data?.me?.username), Array(4).fill("emil"), `round ${round}: ${JSON.stringify(answers)}`);
  }
  const { data } = await page.evaluate(() => session.send({ query: "{ me { securityEvents { edges { node { action } } } } }" }));
  assert.ok(!data.me.securityEvents.edges.some(({ node }) => node.action === "REFRESH_TOKEN_REUSED"), "no renewal is detected as token reuse");
  await synchronized(page, tab);
  await tab.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("form", { name: "Sign in" }).waitFor();
}, unauthorized);

visit("an unreachable server shows a message", async (visitor) => {
  const { page } = visitor;
  await page.route("**/graphql", (route) => route.abort());
  await visitor.choose("Me");
  await visitor.execute();
  await page.locator(".result-window").getByText("The server can't be reached").waitFor();
  assert.ok(!(await page.locator(".result-window").innerText()).includes("stack"));
  await visitor.signIn("emil", PASSWORD);
  await page.getByRole("status").getByText("The server can't be reached").waitFor();
}, { expected: [/ERR_FAILED/] });

for (const [scheme, isExpected] of [["light", (red) => red > 230], ["dark", (red) => red < 70]]) {
  visit(`the page is ${scheme} if the system is, and follows the theme that the user chooses`, async (visitor) => {
    const { page } = visitor;
    const red = (selector) => page.locator(selector).first().evaluate((element) =>
      Number(getComputedStyle(element).backgroundColor.match(/\d+/)[0]));
    assert.ok(isExpected(await red("body")) && isExpected(await red(".graphiql-container")));
    await page.screenshot({ path: SCREENSHOT.replace(".png", `-${scheme}.png`) });
    await page.getByRole("button", { name: "Open settings dialog" }).click();
    await page.getByRole("button", { name: scheme === "light" ? "Dark" : "Light", exact: true }).click();
    assert.ok(!isExpected(await red("body")) && !isExpected(await red(".graphiql-container")));
    await page.keyboard.press("Escape");
  }, { colorScheme: scheme, expected: [/Missing `Description`.*DialogContent/] });
}

visit("the page fits a phone", async (visitor) => {
  const { page } = visitor;
  await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  const [wide, high] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]);
  assert.ok(wide <= 390 && high <= 844, `${wide} x ${high}`);
  await visitor.run("ServerInfo");
  const { width } = await page.locator(".graphiql-response").boundingBox();
  assert.ok(width > 250, `the answer is ${width} pixels wide`);
  await page.screenshot({ path: SCREENSHOT.replace(".png", "-phone.png") });
}, { viewport: { width: 390, height: 844 } });
