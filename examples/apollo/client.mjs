// An Apollo Client that keeps its session: one exchange of the refresh token for however many requests fail, and for all tabs.
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, ServerError } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { ErrorLink } from "@apollo/client/link/error";
import { from, mergeMap, throwError } from "rxjs";

const REFRESH = "mutation ($input: RefreshInput!) { refresh(input: $input) { accessToken refreshToken } }";

/** `storage` is what all tabs see, such as `localStorage`. Put `{ accessToken, refreshToken }` of `login` into it as JSON. */
export function createClient({ uri, storage, key = "fieldguard" }) {
  const held = () => JSON.parse(storage.getItem(key) ?? "null");
  let renewal = null;

  async function exchange(failed) {
    const before = held();
    // Another tab was faster: its tokens are there already.
    if (!before || before.accessToken !== failed) return;
    const body = JSON.stringify({ query: REFRESH, variables: { input: { refreshToken: before.refreshToken } } });
    // Without an Authorization header: an access token that has expired refuses the whole request.
    const response = await fetch(uri, { method: "POST", headers: { "content-type": "application/json" }, body });
    const { data, errors } = await response.json();
    // Replace only what was sent: an answer that comes late must not push out newer tokens.
    if (held()?.refreshToken !== before.refreshToken) return;
    if (data?.refresh) storage.setItem(key, JSON.stringify(data.refresh));
    else if (errors?.[0]?.extensions.code === "INVALID_REFRESH_TOKEN") storage.removeItem(key);
  }

  const renew = (failed) => (renewal ??= exchange(failed).finally(() => { renewal = null; }));

  const auth = new SetContextLink(({ headers }) => {
    const token = held()?.accessToken;
    return token ? { headers: { ...headers, authorization: `Bearer ${token}` }, token } : { headers, token };
  });

  const renewing = new ErrorLink(({ error, operation, forward }) => {
    const { token, renewed } = operation.getContext();
    if (!token || renewed || !isRefused(error)) return undefined;
    operation.setContext({ renewed: true });
    return from(renew(token)).pipe(mergeMap(() => (held() ? forward(operation) : throwError(() => error))));
  });

  return new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([renewing, auth, new HttpLink({ uri })]),
    // A refusal leaves the rest of the answer whole.
    defaultOptions: { query: { errorPolicy: "all" }, watchQuery: { errorPolicy: "all" } },
  });
}

function isRefused(error) {
  if (ServerError.is(error)) return error.statusCode === 401;
  return CombinedGraphQLErrors.is(error) && error.errors.some((it) => it.extensions?.code === "UNAUTHENTICATED");
}
