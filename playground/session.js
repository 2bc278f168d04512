// Who is signed in, and requests on their behalf. Knows nothing of the page.
"use strict";

const ACCOUNT = "id username roles { name } permissions";
const TOKENS = `accessToken refreshToken user { ${ACCOUNT} }`;
const STORED = "fieldguard:session";

/**
 * A sign-in that all tabs of this browser share, so that a tab that was duplicated does not use up the refresh token of the other:
 * the server takes that for theft. Dispatches `change` when another account, or none, is signed in;
 * its `detail` says why in a sentence for people, where there is something to say.
 */
class Session extends EventTarget {
  /** `{ accessToken, refreshToken, user }`, or null. */
  #held = stored();

  constructor() {
    super();
    // Another tab signed in, signed out or renewed the tokens.
    addEventListener("storage", ({ key }) => {
      if (key === STORED || key === null) this.#follow();
    });
  }

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
    const query = "mutation ($input: LogoutInput!) { logout(input: $input) { sessionsRevoked } }";
    if (refreshToken) await post({ query, variables: { input: { refreshToken } } }).catch(() => {});
  }

  /** Asks anew who is signed in: roles may have changed, and the session may have ended elsewhere. */
  async check() {
    if (!this.#held) return;
    const { data } = await this.send({ query: `{ me { ${ACCOUNT} } }` });
    // Another tab may have renewed the tokens or signed in another user meanwhile. Its tokens stay.
    const held = stored();
    if (!data?.me || !held || (held.user && held.user.id !== data.me.id)) return;
    if (JSON.stringify(held.user) !== JSON.stringify(data.me)) this.#hold({ ...held, user: data.me });
  }

  /** Keeps the tokens of an answer to `login` or `register` that the editor sent, where nobody is signed in yet. */
  async adopt(answer) {
    const issued = Object.values(answer.data ?? {}).find((it) => it?.accessToken);
    if (!issued || this.#held) return;
    this.#hold({ accessToken: issued.accessToken, refreshToken: issued.refreshToken, user: null });
    await this.check();
    if (!this.user) this.#hold(null);
  }

  /**
   * Sends a GraphQL request, and resolves to the answer's JSON. A token that has run out is renewed once; where it
   * cannot be, the session is over.
   */
  async send(request, headers = {}, renewed = false) {
    this.#follow();
    const token = this.#held?.accessToken;
    const { status, answer } = await post(request, { ...bearer(token), ...headers });
    if (status !== 401 || !token) return answer;
    if (!renewed && await this.#renew(token)) return this.send(request, headers, true);
    this.#follow();
    if (this.#held?.accessToken === token) {
      this.#hold(null, "Your session has ended. Sign in again; what you wrote is still here.");
    }
    return answer;
  }

  async #begin(field, input, values) {
    const query = `mutation ($input: ${input}!) { ${field}(input: $input) { ${TOKENS} } }`;
    const { answer } = await post({ query, variables: { input: values } });
    if (!answer.data?.[field]) throw new Error(reason(answer));
    this.#hold(answer.data[field]);
  }

  /**
   * Replaces the access token that was refused. One renewal at a time over all tabs, since a refresh token is good for one use.
   * Browsers have locks only over TLS and on this machine; elsewhere the grace of the server bridges two tabs at once.
   */
  #renew(refused) {
    const renewal = () => this.#refresh(refused);
    return navigator.locks ? navigator.locks.request(STORED, renewal) : renewal();
  }

  async #refresh(refused) {
    this.#follow();
    // Another tab, or another request of this one, was faster.
    if (this.#held?.accessToken !== refused) return Boolean(this.#held);
    const { refreshToken } = this.#held;
    if (!refreshToken) return false;
    const query = `mutation ($input: RefreshInput!) { refresh(input: $input) { ${TOKENS} } }`;
    const { answer } = await post({ query, variables: { input: { refreshToken } } });
    // Another tab may have signed out meanwhile: the new tokens are of an ended session.
    if (!answer.data?.refresh || !stored()) return false;
    this.#hold(answer.data.refresh);
    return true;
  }

  /** Takes over what another tab has stored. */
  #follow() {
    const held = stored();
    if (held?.accessToken !== this.#held?.accessToken || held?.user?.id !== this.user?.id) this.#become(held);
  }

  #hold(held, detail) {
    if (held) localStorage.setItem(STORED, JSON.stringify(held));
    else localStorage.removeItem(STORED);
    this.#become(held, detail);
  }

  #become(held, detail) {
    const before = JSON.stringify(this.user);
    this.#held = held;
    if (detail || before !== JSON.stringify(this.user)) this.dispatchEvent(new CustomEvent("change", { detail }));
  }
}

const stored = () => JSON.parse(localStorage.getItem(STORED));

/** Sends a request, and resolves to the status and the JSON of the answer; throws an `Error` with a sentence for people. */
async function post(request, headers = {}) {
  const response = await fetchAnswer(request, headers).catch(() => {
    throw new Error("The server can't be reached. Check that it is running, and try again.");
  });
  const answer = await response.json().catch(() => {
    throw new Error(`The answer is not from a GraphQL server (status ${response.status}).`);
  });
  return { status: response.status, answer };
}

function fetchAnswer(request, headers) {
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
