// What a person sees and does on the playground, in Chromium.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { ADMIN, root, startServer } from "./server.mjs";
import { Visitor } from "./visitor.mjs";

const PASSWORD = "a quiet walk in the woods";
const SCREENSHOT = join(root, "target/playground.png");
// A GPU process of its own does not start in every sandbox, and takes the browser with it.
const options = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--in-process-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
};

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

/** A test with a visitor, who in the end has been nowhere else and has met with no complaint but those `expected`. */
function visit(name, act, { expected = [], ...context } = {}) {
  test(name, { timeout: 60_000 }, async () => {
    const visitor = await Visitor.open(browser, server.origin, context);
    visitor.page.setDefaultTimeout(15_000);
    try {
      await act(visitor);
      const elsewhere = visitor.requests.filter((it) => !it.startsWith(`${server.origin}/`) && !it.startsWith("data:"));
      assert.deepEqual(elsewhere, [], "every request stays on this host");
      assert.ok(visitor.requests.length > 5, "requests are seen at all");
      const complaints = visitor.complaints.filter((it) => !expected.some((pattern) => pattern.test(it)));
      assert.deepEqual(complaints, []);
    } finally {
      await visitor.close();
    }
  });
}

visit("a fresh user registers, asks who he is, and is refused what is not his", async (visitor) => {
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

visit("the administrator sees the documentation of what is his, and runs it", async (visitor) => {
  await visitor.signIn(ADMIN.username, ADMIN.password);
  await visitor.isSignedInAs(ADMIN.username, "admin");
  const fields = await visitor.documentedQueries("admin");
  assert.ok(fields.includes("users") && fields.includes("me"), fields.join());
  assert.equal((await visitor.run("Admin")).errors, undefined);
  assert.ok((await visitor.run("Users")).data.users.totalCount >= 1);
  await visitor.page.screenshot({ path: SCREENSHOT });
});

visit("every example works for a visitor of a fresh server, who is signed in by its answer", async (visitor) => {
  assert.ok((await visitor.run("ServerInfo")).data.serverInfo.version);
  assert.ok((await visitor.run("Register")).data.register.accessToken);
  await visitor.isSignedInAs("ann", "user");
  assert.ok((await visitor.run("Login")).data.login.accessToken);
  assert.equal((await visitor.run("Me")).data.me.username, "ann");
});

visit("a wrong password is refused aloud, and signing out takes the rights away", async (visitor) => {
  await visitor.signIn(ADMIN.username, "not the password");
  await visitor.page.getByRole("status").getByText(/\w+/).waitFor();
  // A failure is followed by a pause of a second, at the server and for everyone.
  await visitor.page.waitForTimeout(1_100);
  await visitor.signIn(ADMIN.username, ADMIN.password);
  await visitor.isSignedInAs(ADMIN.username, "admin");
  await visitor.page.reload();
  await visitor.isSignedInAs(ADMIN.username, "admin");
  const { accessToken } = await held(visitor.page);
  const loggedOut = visitor.page.waitForResponse((it) => it.request().postDataJSON().query.includes("logout("));
  await visitor.page.getByRole("button", { name: "Sign out" }).click();
  await loggedOut;
  assert.equal((await send(accessToken, "{ me { id } }")).status, 401, "the session is over at the server too");
  assert.equal((await visitor.run("Me")).errors[0].extensions.code, "UNAUTHENTICATED");
  assert.ok(!(await visitor.documentedQueries("serverInfo")).includes("admin"));
});

visit("who may read roles sees the schema as another does, and runs queries as himself", async (visitor) => {
  const { page } = visitor;
  const choice = page.getByLabel("View schema as");
  await visitor.signIn(ADMIN.username, ADMIN.password);
  await visitor.isSignedInAs(ADMIN.username, "admin");
  await choice.getByRole("option", { name: "user", exact: true }).waitFor({ state: "attached" });
  assert.deepEqual(await choice.getByRole("option").allTextContents(), ["myself", "admin", "user", "not signed in"]);
  assert.ok((await visitor.documentedQueries("me")).includes("users"));

  /** The fields of `Query` once they are shown as `who` sees them. */
  async function fieldsAs(who) {
    const shown = page.waitForResponse((it) => it.request().postDataJSON()?.operationName === "IntrospectionQuery");
    await choice.selectOption(who);
    const { data } = await (await shown).json();
    const expected = data.__schema.types.find((it) => it.name === "Query").fields.map((it) => it.name);
    await visitor.documents(expected);
    return expected;
  }
  const asUser = await fieldsAs("user");
  assert.ok(asUser.includes("me") && !asUser.includes("users"), asUser.join());
  await page.screenshot({ path: SCREENSHOT.replace(".png", "-view.png") });
  assert.equal((await visitor.run("Admin")).errors, undefined);
  const asNobody = await fieldsAs("not signed in");
  assert.ok(asNobody.includes("serverInfo") && !asNobody.includes("me"), asNobody.join());
  assert.ok((await fieldsAs("myself")).includes("users"));

  await fieldsAs("user");
  await page.getByRole("button", { name: "Sign out" }).click();
  await choice.waitFor({ state: "hidden" });
  await visitor.signIn(ADMIN.username, ADMIN.password);
  await visitor.isSignedInAs(ADMIN.username, "admin");
  assert.equal(await choice.inputValue(), "");
  await visitor.documents(["users", "me"]);
});

visit("who may not read roles is offered no other view of the schema", async (visitor) => {
  await visitor.signIn("cleo", PASSWORD, "Register");
  await visitor.isSignedInAs("cleo", "user");
  await visitor.documents(["me"]);
  assert.ok(!await visitor.page.getByLabel("View schema as").isVisible());
});

/** What the page keeps of its session. */
const held = (page) => page.evaluate(() => JSON.parse(localStorage.getItem("fieldguard:session")));

/** Sends a document from elsewhere, as whoever has that token. */
const send = (token, query) => fetch(`${server.origin}/graphql`, {
  method: "POST",
  headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
  body: JSON.stringify({ query }),
});

// The console counts it among the errors that a token, or the attempt to renew one, is refused.
const unauthorized = { expected: [/status of 40[01]/] };

visit("a session that has ended is over, with a word and without losing what was written", async (visitor) => {
  const { page } = visitor;
  await visitor.signIn("dora", PASSWORD, "Register");
  await visitor.isSignedInAs("dora", "user");
  await visitor.choose("Me");
  await send((await held(page)).accessToken, "mutation { logoutEverywhere { sessionsRevoked } }");
  await visitor.execute();
  await page.getByRole("status").getByText("Your session has ended").waitFor();
  await page.getByRole("form", { name: "Sign in" }).waitFor();
  await page.locator(".graphiql-query-editor").getByText("Who am I").waitFor();
}, unauthorized);

visit("a token that has run out is renewed, and the request sent again", async (visitor) => {
  const { page } = visitor;
  await visitor.signIn(ADMIN.username, ADMIN.password);
  await visitor.isSignedInAs(ADMIN.username, "admin");
  await page.evaluate(() => {
    const held = JSON.parse(localStorage.getItem("fieldguard:session"));
    localStorage.setItem("fieldguard:session", JSON.stringify({ ...held, accessToken: "gone" }));
  });
  await page.reload();
  await visitor.isSignedInAs(ADMIN.username, "admin");
  const answered = page.waitForResponse(async (it) => it.request().postDataJSON().operationName === "Me" && it.ok());
  await visitor.choose("Me");
  await visitor.execute();
  assert.equal((await (await answered).json()).data.me.username, ADMIN.username);
}, unauthorized);

/** Opens the page in another tab, with what the first keeps for itself, as a browser duplicates a tab. */
async function duplicate({ page }) {
  const kept = await page.evaluate(() => JSON.stringify(sessionStorage));
  const tab = await page.context().newPage();
  await tab.addInitScript((kept) => Object.entries(JSON.parse(kept)).forEach(([key, value]) => sessionStorage.setItem(key, value)), kept);
  await tab.goto(server.origin);
  await tab.locator(".graphiql-container").waitFor();
  return tab;
}

/** Ends once both tabs see the same sign-in: what one stores reaches the other a moment later. */
async function agreed(...tabs) {
  const held = () => Promise.all(tabs.map((tab) => tab.evaluate(() => localStorage.getItem("fieldguard:session"))));
  while (new Set(await held()).size > 1);
}

/** Sends a question as the page does when the reader runs one. */
const ask = (tab) => tab.evaluate(() => session.send({ query: "{ me { username } }" }));

visit("a duplicated tab shares the session, however often both renew it", async (visitor) => {
  const { page } = visitor;
  await visitor.signIn("emil", PASSWORD, "Register");
  await visitor.isSignedInAs("emil", "user");
  const tab = await duplicate(visitor);
  await tab.getByRole("region", { name: "Account" }).getByText("emil", { exact: true }).waitFor();
  for (let round = 0; round < 3; round++) {
    await agreed(page, tab);
    await page.evaluate(() => {
      const held = JSON.parse(localStorage.getItem("fieldguard:session"));
      localStorage.setItem("fieldguard:session", JSON.stringify({ ...held, accessToken: "gone" }));
    });
    const answers = await Promise.all([ask(page), ask(tab), ask(page), ask(tab)]);
    assert.deepEqual(answers.map(({ data }) => data?.me?.username), Array(4).fill("emil"), `round ${round}: ${JSON.stringify(answers)}`);
  }
  const { data } = await page.evaluate(() => session.send({ query: "{ me { securityEvents { edges { node { action } } } } }" }));
  assert.ok(!data.me.securityEvents.edges.some(({ node }) => node.action === "REFRESH_TOKEN_REUSED"), "nothing looks like theft");
  await agreed(page, tab);
  await tab.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("form", { name: "Sign in" }).waitFor();
}, unauthorized);

visit("a server that is away is a sentence", async (visitor) => {
  const { page } = visitor;
  await page.route("**/graphql", (route) => route.abort());
  await visitor.choose("Me");
  await visitor.execute();
  await page.locator(".result-window").getByText("The server can't be reached").waitFor();
  assert.ok(!(await page.locator(".result-window").innerText()).includes("stack"));
  await visitor.signIn("emil", PASSWORD);
  await page.getByRole("status").getByText("The server can't be reached").waitFor();
}, { expected: [/ERR_FAILED/] });

for (const [scheme, isPaper] of [["light", (it) => it > 230], ["dark", (it) => it < 70]]) {
  visit(`it is ${scheme} where the system is, and as the reader chose`, async (visitor) => {
    const { page } = visitor;
    const red = (selector) => page.locator(selector).first().evaluate((it) =>
      Number(getComputedStyle(it).backgroundColor.match(/\d+/)[0]));
    assert.ok(isPaper(await red("body")) && isPaper(await red(".graphiql-container")));
    await page.screenshot({ path: SCREENSHOT.replace(".png", `-${scheme}.png`) });
    await page.getByRole("button", { name: "Open settings dialog" }).click();
    await page.getByRole("button", { name: scheme === "light" ? "Dark" : "Light", exact: true }).click();
    assert.ok(!isPaper(await red("body")) && !isPaper(await red(".graphiql-container")));
    await page.keyboard.press("Escape");
  }, { colorScheme: scheme, expected: [/Missing `Description`.*DialogContent/] });
}

visit("it fits a phone", async (visitor) => {
  const { page } = visitor;
  await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  const [wide, high] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]);
  assert.ok(wide <= 390 && high <= 844, `${wide} x ${high}`);
  await visitor.run("ServerInfo");
  const { width } = await page.locator(".graphiql-response").boundingBox();
  assert.ok(width > 250, `the answer has ${width} pixels`);
  await page.screenshot({ path: SCREENSHOT.replace(".png", "-phone.png") });
}, { viewport: { width: 390, height: 844 } });
