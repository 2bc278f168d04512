// A program with the generated types, compiled and never run: each line fails to compile where a type is not as promised.
import type { ResultOf } from "@graphql-typed-document-node/core";
import { GraphQLClient } from "graphql-request";
import { LoginDocument, ServerInfoDocument } from "../generated/anonymous/graphql";
import { MeDocument, UpdateProfileDocument } from "../generated/user/graphql";
import { OverviewDocument, SetUserRolesDocument, UsersDocument } from "../generated/admin/graphql";
import { OverviewDocument as OverviewOfFile } from "../generated/file/graphql";
import { AccountFragmentDoc } from "../generated/admin/graphql";
import { useFragment as read } from "../generated/admin/fragment-masking";

export async function use(client: GraphQLClient): Promise<string[]> {
  const { serverInfo } = await client.request(ServerInfoDocument);
  const least: number = serverInfo.passwordRules.minCharacters;

  const { login } = await client.request(LoginDocument, { input: { username: "ada", password: "x".repeat(least) } });
  const token: string | null | undefined = login?.accessToken;
  // @ts-expect-error A name is not optional.
  await client.request(LoginDocument, { input: { password: "x" } });

  const { me } = await client.request(MeDocument);
  // @ts-expect-error What can be refused is null then, and the types say so.
  me.permissions;
  // What is absent from the input stays, null removes: both are to be writable.
  await client.request(UpdateProfileDocument, { input: {} });
  await client.request(UpdateProfileDocument, { input: { email: null } });

  const { users } = await client.request(UsersDocument, { first: 10 });
  const accounts = users?.edges.map(({ node }) => read(AccountFragmentDoc, node)) ?? [];
  const made: (string | null | undefined)[] = accounts.map(({ createdAt }) => createdAt);
  await client.request(SetUserRolesDocument, { input: { userId: accounts[0].id, roles: ["user"] } });

  const overview = await client.request(OverviewDocument);
  // The file and the administrator's introspection give one and the same type.
  const same: ResultOf<typeof OverviewOfFile> = overview;
  return [token ?? "", ...accounts.map(({ username }) => username), String(made.length), String(same)];
}
