// Mercurius compiles each document with graphql-jit.
import Fastify from "fastify";
import mercurius from "mercurius";
import { callerOf, port, resolvers, typeDefs } from "./shared.mjs";

const app = Fastify();
app.register(mercurius, {
  schema: typeDefs,
  resolvers,
  jit: 1,
  context: (request) => ({ caller: callerOf(request.headers.authorization) }),
});
await app.listen({ port, host: "127.0.0.1" });
