// An Apollo Client that keeps its session: all failed requests, in all tabs, share one exchange of the refresh token.
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, ServerError } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { ErrorLink } from "@apollo/client/link/error";
import { from, mergeMap, throwError } from "rxjs";

const REFRESH = "mutation ($input: RefreshInput!) { refresh(input: $input) { accessToken refreshToken } }";

/** `storage` is shared by all tabs, such as `localStorage`. Store `{ accessToken, refreshToken }` of `login` in it as JSON. */
export function createClient({ uri, storage, key = "fieldguard" }) {
  const held = () => JSON.parse(storage.getItem(key) ?? "null");
  let renewal = null;

  async function exchange(failed) {
    const before = held();
    // Another tab has already stored new tokens.
    if (!before || before.accessToken !== failed) return;
    const body = JSON.stringify({ query: REFRESH, variables: { input: { refreshToken: before.refreshToken } } });
    // Without an Authorization header, because an expired access token would refuse the whole request.
    const response = await fetch(uri, { method: "POST", headers: { "content-type": "application/json" }, body });
    const { data, errors } = await response.json();
    // Replace only the token that was sent: a late response must not overwrite newer tokens.
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
    // Denied fields leave the rest of the response intact.
    defaultOptions: { query: { errorPolicy: "all" }, watchQuery: { errorPolicy: "all" } },
  });
}

function isRefused(error) {
  if (ServerError.is(error)) return error.statusCode === 401;
  return CombinedGraphQLErrors.is(error) && error.errors.some((each) => each.extensions?.code === "UNAUTHENTICATED");
}
