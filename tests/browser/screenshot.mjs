// Creates docs/src/images/playground.png: the playground with a query that is partly denied.
//
//     FIELDGUARD_TEST_BINARY=target/release/fieldguard node tests/browser/screenshot.mjs
import { join } from "node:path";
import { chromium } from "playwright-core";
import { root, startServer } from "./server.mjs";
import { Visitor } from "./visitor.mjs";

const QUERY = `query Me {
  me {
    username
    roles {
      name
    }
  }
  admin {
    message
  }
}
`;

const server = await startServer();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--in-process-gpu", "--disable-quic", "--no-first-run"],
});
try {
  const visitor = await Visitor.open(browser, server.origin, { viewport: { width: 1180, height: 700 } });
  await visitor.signIn("bob", "correct horse battery", "Register");
  await visitor.isSignedInAs("bob", "user");
  await visitor.choose("Me");
  const editor = visitor.page.locator(".graphiql-query-editor .monaco-editor, .graphiql-query-editor .CodeMirror").first();
  await editor.click();
  await visitor.page.keyboard.press("ControlOrMeta+A");
  await visitor.page.keyboard.insertText(QUERY);
  await visitor.execute();
  await visitor.page.locator(".result-window").getByText("FORBIDDEN").waitFor();
  await visitor.page.screenshot({ path: join(root, "docs/src/images/playground.png") });
} finally {
  await browser.close();
  await server.stop();
}
