// A visitor of the playground, with a record of what the browser does.

/** The page at `/`, opened in a new window. */
export class Visitor {
  /** The URL of every request that the page sent. */
  requests = [];
  /** The warnings and errors of the console, uncaught exceptions, and violations of the content security policy. */
  problems = [];

  static async open(browser, origin, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const visitor = new Visitor();
    visitor.page = await context.newPage();
    await visitor.#watch(context);
    await visitor.page.goto(origin);
    await visitor.page.locator(".graphiql-container").waitFor();
    return visitor;
  }

  async #watch(context) {
    context.on("request", (request) => this.requests.push(request.url()));
    this.page.on("pageerror", (error) => this.problems.push(String(error)));
    this.page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.problems.push(message.text());
    });
    await this.page.exposeFunction("policyViolated", (what) => this.problems.push(`policy: ${what}`));
    await this.page.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => policyViolated(`${event.violatedDirective} ${event.blockedURI}`));
    });
  }

  async signIn(username, password, button = "Sign in") {
    await this.page.getByLabel("Username").fill(username);
    await this.page.getByLabel("Password", { exact: true }).fill(password);
    await this.page.getByRole("form", { name: "Sign in" }).getByRole("button", { name: button, exact: true }).click();
  }

  /** Resolves when the bar shows the user with these roles. */
  async isSignedInAs(username, ...roles) {
    const account = this.page.getByRole("region", { name: "Account" });
    await account.getByText(username, { exact: true }).waitFor();
    for (const role of roles) await account.getByRole("listitem").getByText(role, { exact: true }).waitFor();
  }

  /** Opens the example with the name. GraphiQL stores the name of the operation in the editor a moment later. */
  async choose(name) {
    await this.page.getByTitle(name, { exact: true }).click();
    await this.page.waitForFunction((name) => sessionStorage.getItem("graphiql:operationName") === name, name);
  }

  execute() {
    return this.page.getByRole("button", { name: /Execute query/ }).click();
  }

  /** Runs the example with the name, and resolves to the answer. */
  async run(name) {
    await this.choose(name);
    const answered = this.page.waitForResponse((response) => response.url().endsWith("/graphql")
      && response.request().postDataJSON().operationName === name);
    await this.execute();
    const answer = await (await answered).json();
    const field = Object.keys(answer.data)[0];
    await this.page.locator(".result-window").getByText(field).first().waitFor();
    return answer;
  }

  /** The names of the fields of `Query` in the documentation, when it shows `expected`. */
  async documentedQueries(expected) {
    const docs = this.page.locator(".graphiql-doc-explorer");
    if (!await docs.isVisible()) await this.page.getByRole("button", { name: /Documentation Explorer/ }).click();
    const back = docs.locator(".graphiql-doc-explorer-back");
    while (await back.count()) await back.click();
    await docs.getByRole("link", { name: "Query", exact: true }).click();
    await docs.locator(".graphiql-doc-explorer-field-name").getByText(expected, { exact: true }).waitFor();
    return docs.locator(".graphiql-doc-explorer-field-name").allTextContents();
  }

  /** Resolves when the documentation shows these fields of `Query`. */
  async documents(fields) {
    await this.documentedQueries(fields[0]);
    const shown = this.page.locator(".graphiql-doc-explorer-field-name");
    for (const field of fields) await shown.getByText(field, { exact: true }).waitFor();
  }

  close() {
    return this.page.context().close();
  }
}
