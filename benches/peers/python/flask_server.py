"""Flask and Ariadne, as tutorials combine them, on waitress."""

import os

import waitress
from ariadne import MutationType, ObjectType, QueryType, graphql_sync, make_executable_schema
from flask import Flask, jsonify, request

import shared

TYPES = """
  type Query { me: User!  users(first: Int!): UserConnection!  admin: Admin! }
  type Mutation { login(input: LoginInput!): Session! }
  type Admin { message: String! }
  type UserConnection { nodes: [User!]! }
  type User { id: ID!  username: String!  email: String  createdAt: String!  state: String! }
  type Session { accessToken: String! }
  input LoginInput { username: String!  password: String! }
"""
query, mutation, user = QueryType(), MutationType(), ObjectType("User")


def caller(info):
    return info.context["caller"]


@query.field("me")
def me(_, info):
    return shared.by_id(shared.signed_in(caller(info))["sub"])


@query.field("users")
def users(_, info, first):
    shared.signed_in(caller(info))
    return {"nodes": shared.page(first)}


@query.field("admin")
def admin(_, info):
    shared.administrator(caller(info))
    return {"message": "Hello, administrator."}


@mutation.field("login")
def login(_, info, input):
    return {"accessToken": shared.login(input["username"], input["password"])}


def column(field, name, is_personal):
    def resolve(row, info):
        if is_personal:
            shared.personal(caller(info), row)
        return row[name]

    user.set_field(field, resolve)


column("id", "id", False)
column("username", "username", False)
column("email", "email", True)
column("createdAt", "created_at", True)
column("state", "state", True)

schema = make_executable_schema(TYPES, query, mutation, user)
app = Flask(__name__)


@app.post("/graphql")
def graphql():
    context = {"caller": shared.caller_of(request.headers.get("authorization"))}
    _, result = graphql_sync(schema, request.get_json(), context_value=context, logger=None)
    return jsonify(result)


waitress.serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=8)
