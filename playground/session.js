// The signed-in user, and requests with their access token. Independent of the page.
"use strict";

const ACCOUNT = "id username roles { name } permissions { name }";
const TOKENS = `accessToken refreshToken nextStep challenge user { ${ACCOUNT} }`;
const STORED = "fieldguard:session";

/**
 * A session that all tabs of this browser share. If each tab had its own copy, a duplicated tab would reuse the refresh token
 * of the other, and the server would detect that as theft. Dispatches `change` when another user, or none, is signed in.
 * Its `detail` is a message for the user, if there is one.
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

  /** `{ id, username, roles: [{ name }], permissions: [{ name }] }`, or null if signed out. */
  get user() {
    return this.#held?.user ?? null;
  }

  /** Signs in. Throws an `Error` with the server's message. */
  signIn(username, password) {
    return this.#begin("login", "LoginInput", { username, password });
  }

  /** Creates an account and signs in. Throws an `Error` with the server's message. */
  register(username, password) {
    return this.#begin("register", "RegisterInput", { username, password });
  }

  /** Signs out, and revokes the session at the server. Deletes the tokens even if the server can't be reached. */
  async signOut() {
    const refreshToken = this.#held?.refreshToken;
    this.#hold(null, "You are signed out.");
    const query = "mutation ($input: LogoutInput!) { logout(input: $input) { sessionsRevoked } }";
    if (refreshToken) await post({ query, variables: { input: { refreshToken } } }).catch(() => {});
  }

  /** Reloads the signed-in user: roles may have changed, and the session may have been revoked. */
  async check() {
    if (!this.#held) return;
    const { data } = await this.send({ query: `{ me { ${ACCOUNT} } }` });
    // Another tab may have renewed the tokens or signed in another user in the meantime. Its tokens are kept.
    const held = stored();
    if (!data?.me || !held || (held.user && held.user.id !== data.me.id)) return;
    if (JSON.stringify(held.user) !== JSON.stringify(data.me)) this.#hold({ ...held, user: data.me });
  }

  /** If signed out, keeps the tokens of an answer to a `login` or `register` that the editor sent. */
  async adopt(answer) {
    const issued = Object.values(answer.data ?? {}).find((payload) => payload?.accessToken);
    if (!issued || this.#held) return;
    this.#hold({ accessToken: issued.accessToken, refreshToken: issued.refreshToken, user: null });
    await this.check();
    if (!this.user) this.#hold(null);
  }

  /**
   * Sends a GraphQL request, and resolves to the answer's JSON. An expired access token is renewed once. If that fails, the
   * user is signed out.
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
    const payload = answer.data?.[field];
    if (!payload) throw new Error(reason(answer));
    if (payload.nextStep) return this.#complete(payload);
    this.#hold(payload);
  }

  /** Takes the next step of a sign-in. Throws an `Error` with a message for the user. */
  #complete({ nextStep, challenge }) {
    if (nextStep !== "SECOND_FACTOR") {
      throw new Error("You need a second factor. Enroll it with beginTotpEnrollmentAtSignIn, then call completeSignIn.");
    }
    const code = prompt("Enter the code of your authenticator app, or a recovery code.");
    if (!code) throw new Error("You are not signed in: the code is missing.");
    return this.#begin("completeSignIn", "CompleteSignInInput", { challenge, code });
  }

  /**
   * Replaces the rejected access token. Only one tab renews at a time, because a refresh token can be used once. Browsers
   * support locks only over TLS and on localhost. Elsewhere the server's grace period covers two tabs that renew at once.
   */
  #renew(rejected) {
    const renewal = () => this.#refresh(rejected);
    return navigator.locks ? navigator.locks.request(STORED, renewal) : renewal();
  }

  async #refresh(rejected) {
    this.#follow();
    if (this.#held?.accessToken === rejected) {
      // Browsers deliver what another tab stored a moment after that tab released the lock.
      await stores(100);
      this.#follow();
    }
    // Another tab, or another request of this tab, has renewed the token.
    if (this.#held?.accessToken !== rejected) return Boolean(this.#held);
    const { refreshToken } = this.#held;
    if (!refreshToken) return false;
    const query = `mutation ($input: RefreshInput!) { refresh(input: $input) { ${TOKENS} } }`;
    const { answer } = await post({ query, variables: { input: { refreshToken } } });
    // Another tab may have signed out in the meantime, which revoked the session of the new tokens.
    if (!answer.data?.refresh || !stored()) return false;
    this.#hold(answer.data.refresh);
    return true;
  }

  /** Loads the session that another tab has stored. */
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

/** Resolves when another tab stores something, or after so many milliseconds. */
const stores = (milliseconds) => new Promise((resolve) => {
  addEventListener("storage", resolve, { once: true });
  setTimeout(resolve, milliseconds);
});

/** Sends a request, and resolves to the status and the JSON of the answer. Throws an `Error` with a message for the user. */
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
  // Never send cookies: only the access token identifies the user.
  return fetch(`${document.documentElement.dataset.base}/graphql`, {
    method: "POST",
    credentials: "omit",
    headers: { "content-type": "application/json", accept, ...headers },
    body: JSON.stringify(request),
  });
}

const bearer = (token) => (token ? { authorization: `Bearer ${token}` } : {});
const reason = (answer) => answer.errors?.[0]?.message ?? "The server did not say why.";
