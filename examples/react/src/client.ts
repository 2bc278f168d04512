// The client and its documents. The access token is kept in memory, so a reload signs out. The guide on Apollo Client keeps sessions.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql, type TypedDocumentNode } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";

let token: string | undefined;

export async function signIn(accessToken: string) {
  token = accessToken;
  await client.clearStore();
}

export async function signOut() {
  await client.mutate({ mutation: gql`mutation { logout { effectiveAt } }`, errorPolicy: "all" });
  token = undefined;
}

const authorization = new SetContextLink(({ headers }) => ({
  headers: token ? { ...headers, authorization: `Bearer ${token}` } : headers,
}));

export const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.from([authorization, new HttpLink({ uri: import.meta.env.VITE_FIELDGUARD ?? "http://127.0.0.1:4000/graphql" })]),
});

type Credentials = { input: { username: string; password: string } };
// A sign-in that waits for a second factor has no access token.
type Session = { session: { accessToken: string | null } | null };

export const REGISTER: TypedDocumentNode<Session, Credentials> =
  gql`mutation ($input: RegisterInput!) { session: register(input: $input) { accessToken } }`;
export const LOGIN: TypedDocumentNode<Session, Credentials> =
  gql`mutation ($input: LoginInput!) { session: login(input: $input) { accessToken } }`;

export type User = { id: string; username: string; email: string | null; can: string[] | null };
type Users = { users: { nodes: User[] } | null };

export const USERS: TypedDocumentNode<Users> = gql`{ users(first: 20) { nodes { id username email can } } }`;
export const DISABLE: TypedDocumentNode<unknown, { id: string }> =
  gql`mutation ($id: ID!) { disableUser(input: { userId: $id }) { user { id can } } }`;
