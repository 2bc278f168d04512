"""Strawberry on Starlette and uvicorn."""

import os

import strawberry
import uvicorn
from starlette.applications import Starlette
from strawberry.asgi import GraphQL

import shared


@strawberry.type
class User:
    row: strawberry.Private[object]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(self.row["id"])

    @strawberry.field
    def username(self) -> str:
        return self.row["username"]

    @strawberry.field
    def email(self, info: strawberry.Info) -> str | None:
        shared.personal(info.context["caller"], self.row)
        return self.row["email"]

    @strawberry.field
    def created_at(self, info: strawberry.Info) -> str:
        shared.personal(info.context["caller"], self.row)
        return self.row["created_at"]

    @strawberry.field
    def state(self, info: strawberry.Info) -> str:
        shared.personal(info.context["caller"], self.row)
        return self.row["state"]


@strawberry.type
class UserConnection:
    nodes: list[User]


@strawberry.type
class Admin:
    message: str


@strawberry.type
class Query:
    @strawberry.field
    def me(self, info: strawberry.Info) -> User:
        return User(row=shared.by_id(shared.signed_in(info.context["caller"])["sub"]))

    @strawberry.field
    def users(self, info: strawberry.Info, first: int) -> UserConnection:
        shared.signed_in(info.context["caller"])
        return UserConnection(nodes=[User(row=row) for row in shared.page(first)])

    @strawberry.field
    def admin(self, info: strawberry.Info) -> Admin:
        shared.administrator(info.context["caller"])
        return Admin(message="Hello, administrator.")


@strawberry.input
class LoginInput:
    username: str
    password: str


@strawberry.type
class Session:
    access_token: str


@strawberry.type
class Mutation:
    @strawberry.mutation
    def login(self, input: LoginInput) -> Session:
        return Session(access_token=shared.login(input.username, input.password))


class Graph(GraphQL):
    async def get_context(self, request, response=None):
        return {"caller": shared.caller_of(request.headers.get("authorization"))}


app = Starlette()
app.add_route("/graphql", Graph(strawberry.Schema(Query, Mutation)))
uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
