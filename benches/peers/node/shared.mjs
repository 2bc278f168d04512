// What the Node servers share: the rows, the tokens, and resolvers that check each personal field.
import { verify as verifyHash } from "@node-rs/argon2";
import { GraphQLError } from "graphql";
import jwt from "jsonwebtoken";
import Database from "libsql";

export const port = Number(process.env.PORT);
const secret = process.env.TOKEN_SECRET;
const database = new Database(process.env.DATABASE, { readonly: true });
const byId = database.prepare("SELECT * FROM users WHERE id = ?");
const byName = database.prepare("SELECT * FROM users WHERE username = ?");
const page = database.prepare("SELECT * FROM users ORDER BY id LIMIT ?");

export const typeDefs = `
  type Query { me: User!  users(first: Int!): UserConnection!  admin: Admin! }
  type Mutation { login(input: LoginInput!): Session! }
  type Admin { message: String! }
  type UserConnection { nodes: [User!]! }
  type User { id: ID!  username: String!  email: String  createdAt: String!  state: String! }
  type Session { accessToken: String! }
  input LoginInput { username: String!  password: String! }
`;

// Verified tokens are remembered, as Fieldguard does: otherwise the signature would be most of each request.
const remembered = new Map();

export function callerOf(authorization) {
  if (!authorization?.startsWith("Bearer ")) return null;
  const token = authorization.slice(7);
  const known = remembered.get(token);
  if (known && known.exp > Date.now() / 1000) return known;
  try {
    const caller = jwt.verify(token, secret, { algorithms: ["HS256"] });
    remembered.set(token, caller);
    return caller;
  } catch {
    throw new GraphQLError("The token is not valid.", { extensions: { code: "UNAUTHENTICATED" } });
  }
}

const denied = () => new GraphQLError("Not allowed.", { extensions: { code: "FORBIDDEN" } });

function signedIn(context) {
  if (!context.caller) throw new GraphQLError("Sign in.", { extensions: { code: "UNAUTHENTICATED" } });
  return context.caller;
}

function administrator(context) {
  if (!signedIn(context).roles.includes("admin")) throw denied();
}

const personal = (column) => (user, _, context) => {
  const caller = signedIn(context);
  if (caller.sub !== user.id && !caller.roles.includes("admin")) throw denied();
  return user[column];
};

export const resolvers = {
  Query: {
    me: (_, __, context) => byId.get(signedIn(context).sub),
    users: (_, { first }, context) => (signedIn(context), { nodes: page.all(Math.min(first, 100)) }),
    admin: (_, __, context) => (administrator(context), { message: "Hello, administrator." }),
  },
  Mutation: {
    login: async (_, { input }) => {
      const user = byName.get(input.username);
      if (!user || !(await verifyHash(user.password_hash, input.password))) throw denied();
      const claims = { sub: user.id, roles: JSON.parse(user.roles) };
      return { accessToken: jwt.sign(claims, secret, { algorithm: "HS256", expiresIn: 900 }) };
    },
  },
  User: { email: personal("email"), createdAt: personal("created_at"), state: personal("state") },
};
