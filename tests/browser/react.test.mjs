// The example `examples/react` in Chromium, built and served on an origin of its own.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { options } from "./chromium.mjs";
import { ADMIN, root, startServer } from "./server.mjs";

const example = join(root, "examples/react");
const dist = join(root, "target/react");
const types = { html: "text/html", js: "text/javascript" };

let server, browser, page;
const files = createServer(async (request, response) => {
  const name = request.url === "/" ? "/index.html" : request.url;
  const body = await readFile(join(dist, name)).catch(() => undefined);
  response.writeHead(body ? 200 : 404, { "content-type": types[name.split(".").pop()] ?? "text/plain" }).end(body);
});

before(async () => {
  await new Promise((resolve) => files.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${files.address().port}`;
  server = await startServer({ FIELDGUARD_CORS_ORIGINS: origin });
  const env = { ...process.env, VITE_FIELDGUARD: `${server.origin}/graphql` };
  execFileSync("npx", ["vite", "build", "--outDir", dist, "--emptyOutDir", "--logLevel", "warn"], { cwd: example, env, stdio: "inherit" });
  browser = await chromium.launch(options);
  page = await browser.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(origin);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  files.close();
});

async function submit(button, username, password) {
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: button }).click();
}

test("a new user reads why there is no table, and the administrator disables that user", { timeout: 120_000 }, async () => {
  await submit("Sign up", "bea", "short");
  await page.getByRole("alert").waitFor();
  await submit("Sign up", "bea", "a quiet walk in the woods");
  await page.getByText("Signed in as bea.").waitFor();
  assert.match(await page.getByRole("alert").textContent(), /users:read/);
  assert.equal(await page.getByRole("table").count(), 0);

  await page.getByRole("button", { name: "Sign out" }).click();
  await submit("Sign in", ADMIN.username, ADMIN.password);
  const row = page.getByRole("row").filter({ hasText: "bea" });
  assert.match(await row.textContent(), /DISABLE/);
  await row.getByRole("button", { name: "Disable" }).click();
  await row.getByText("ENABLE").waitFor();
  assert.equal(await row.getByRole("button", { name: "Disable" }).count(), 0);
});
