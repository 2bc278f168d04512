// Writes the schema that introspection shows to each built-in role to generated/, as JSON and as SDL, for tools that read files.
import { buildClientSchema, getIntrospectionQuery, printSchema } from "graphql";
import { mkdirSync, writeFileSync } from "node:fs";
import { admin, client, register } from "./actors.mjs";

const options = { inputValueDeprecation: true, specifiedByUrl: true, oneOf: true, schemaDescription: true, directiveIsRepeatable: true };
const tokens = {
  anonymous: undefined,
  user: (await register("ivan")).accessToken,
  admin: (await admin()).accessToken,
};
mkdirSync("generated", { recursive: true });
for (const [role, token] of Object.entries(tokens)) {
  const introspection = await client(token).request(getIntrospectionQuery(options));
  writeFileSync(`generated/${role}.json`, JSON.stringify(introspection));
  writeFileSync(`generated/${role}.graphql`, printSchema(buildClientSchema(introspection)));
}
