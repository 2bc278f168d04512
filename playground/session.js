// Who is signed in, and requests on their behalf. Knows nothing of the page.
"use strict";

const ACCOUNT = "id username roles { name } permissions";
const TOKENS = `accessToken refreshToken user { ${ACCOUNT} }`;
const STORED = "fieldguard:session";

/**
 * A sign-in that lasts as long as the browser's tab. Dispatches `change` when somebody else, or nobody, is signed in;
 * its `detail` says why in a sentence for people, where there is something to say.
 */
class Session extends EventTarget {
  /** `{ accessToken, refreshToken, user }`, or null. */
  #held = JSON.parse(sessionStorage.getItem(STORED));
  #renewal = null;

  /** `{ id, username, roles: [{ name }], permissions }`, or null for nobody. */
  get user() {
    return this.#held?.user ?? null;
  }

  /** Signs in; throws an `Error` with the server's reason. */
  signIn(username, password) {
    return this.#begin("login", "LoginInput", { username, password });
  }

  /** Makes an account and signs it in; throws an `Error` with the server's reason. */
  register(username, password) {
    return this.#begin("register", "RegisterInput", { username, password });
  }

  /** Ends the session, at the server too. Where that cannot be reached, the tokens are gone from here all the same. */
  async signOut() {
    const refreshToken = this.#held?.refreshToken;
    this.#hold(null, "You are signed out.");
    const query = "mutation ($input: LogoutInput!) { logout(input: $input) { sessionsEnded } }";
    if (refreshToken) await post({ query, variables: { input: { refreshToken } } }).catch(() => {});
  }

  /** Asks anew who is signed in: roles may have changed, and the session may have ended elsewhere. */
  async check() {
    if (!this.#held) return;
    const { data } = await this.send({ query: `{ me { ${ACCOUNT} } }` });
    if (data?.me && this.#held) this.#hold({ ...this.#held, user: data.me });
  }

  /** Keeps the tokens of an answer to `login` or `register` that the editor sent, where nobody is signed in yet. */
  async adopt(answer) {
    const issued = Object.values(answer.data ?? {}).find((it) => it?.accessToken);
    if (!issued || this.#held) return;
    this.#held = { accessToken: issued.accessToken, refreshToken: issued.refreshToken, user: null };
    await this.check();
    if (!this.user) this.#hold(null);
  }

  /**
   * Sends a GraphQL request, and resolves to the answer's JSON. A token that has run out is renewed once; where it
   * cannot be, the session is over.
   */
  async send(request, headers = {}, renewed = false) {
    const token = this.#held?.accessToken;
    const response = await post(request, { ...bearer(token), ...headers });
    const refused = response.status === 401 && token && token === this.#held?.accessToken;
    if (!refused) return response.json();
    if (!renewed && await this.#renew()) return this.send(request, headers, true);
    this.#hold(null, "Your session has ended. Sign in again; what you wrote is still here.");
    return response.json();
  }

  async #begin(field, input, values) {
    const query = `mutation ($input: ${input}!) { ${field}(input: $input) { ${TOKENS} } }`;
    const answer = await (await post({ query, variables: { input: values } })).json();
    if (!answer.data?.[field]) throw new Error(reason(answer));
    this.#hold(answer.data[field]);
  }

  /** One renewal at a time: a refresh token is good for one use. */
  #renew() {
    this.#renewal ??= this.#refresh().finally(() => { this.#renewal = null; });
    return this.#renewal;
  }

  async #refresh() {
    const { refreshToken } = this.#held;
    if (!refreshToken) return false;
    const query = `mutation ($input: RefreshInput!) { refresh(input: $input) { ${TOKENS} } }`;
    const answer = await (await post({ query, variables: { input: { refreshToken } } })).json();
    if (!answer.data?.refresh) return false;
    this.#hold(answer.data.refresh);
    return true;
  }

  #hold(held, detail) {
    const before = JSON.stringify(this.user);
    this.#held = held;
    if (held) sessionStorage.setItem(STORED, JSON.stringify(held));
    else sessionStorage.removeItem(STORED);
    if (detail || before !== JSON.stringify(this.user)) this.dispatchEvent(new CustomEvent("change", { detail }));
  }
}

function post(request, headers = {}) {
  const accept = "application/graphql-response+json, application/json;q=0.9";
  // No cookies, ever: who one is stands in the token alone.
  return fetch("/graphql", {
    method: "POST",
    credentials: "omit",
    headers: { "content-type": "application/json", accept, ...headers },
    body: JSON.stringify(request),
  });
}

const bearer = (token) => (token ? { authorization: `Bearer ${token}` } : {});
const reason = (answer) => answer.errors?.[0]?.message ?? "The server did not say why.";
