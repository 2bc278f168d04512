// The callers: anonymous, a newly registered user, the administrator.
import { GraphQLClient } from "graphql-request";

export const url = process.env.URL;

export function client(token) {
  return new GraphQLClient(url, { headers: token ? { authorization: `Bearer ${token}` } : {} });
}

export async function register(username) {
  const document = `mutation Register($input: RegisterInput!) {
    register(input: $input) { accessToken user { id username roles { name } } }
  }`;
  const input = { username, password: "correct horse battery" };
  return (await client().request(document, { input })).register;
}

export async function admin() {
  const document = `mutation Login($input: LoginInput!) { login(input: $input) { accessToken expiresIn } }`;
  const input = { username: "ada", password: process.env.ADMIN_PASSWORD };
  return (await client().request(document, { input })).login;
}
