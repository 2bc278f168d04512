import { createServer } from "node:http";
import { createSchema, createYoga } from "graphql-yoga";
import { callerOf, port, resolvers, typeDefs } from "./shared.mjs";

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  logging: false,
  context: ({ request }) => ({ caller: callerOf(request.headers.get("authorization")) }),
});
createServer(yoga).listen(port, "127.0.0.1");
