"""gql and sgqlc, the Python clients: documents checked against what introspection shows, and generated types."""

import importlib.util
import os
import subprocess
import sys
import unittest
from datetime import datetime
from pathlib import Path

from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.requests import RequestsHTTPTransport
from graphql import GraphQLError
from sgqlc.endpoint.http import HTTPEndpoint
from sgqlc.operation import Operation

URL = os.environ["URL"]
GENERATED = Path(__file__).parent.parent / "generated"


def headers(token):
    return {"authorization": f"Bearer {token}"} if token else {}


def connect(token=None):
    """A client that fetches the schema first and checks each document against it before it is sent."""
    transport = RequestsHTTPTransport(url=URL, headers=headers(token))
    return Client(transport=transport, fetch_schema_from_transport=True)


def register(username):
    request = gql("mutation Register($input: RegisterInput!) { register(input: $input) { accessToken } }")
    request.variable_values = {"input": {"username": username, "password": "correct horse battery"}}
    return connect().execute(request)["register"]["accessToken"]


def sign_in_as_admin():
    request = gql("mutation Login($input: LoginInput!) { login(input: $input) { accessToken } }")
    request.variable_values = {"input": {"username": "ada", "password": os.environ["ADMIN_PASSWORD"]}}
    return connect().execute(request)["login"]["accessToken"]


class Gql(unittest.TestCase):
    def test_a_query_and_a_mutation_go_through(self):
        client = connect(register("judy"))
        change = gql("mutation Update($input: UpdateProfileInput!) { updateProfile(input: $input) { user { id } } }")
        change.variable_values = {"input": {"email": "judy@example.org"}}
        changed = client.execute(change)["updateProfile"]["user"]
        self.assertEqual(client.execute(gql("{ me { id email } }"))["me"], changed | {"email": "judy@example.org"})

    def test_what_a_role_is_not_shown_is_refused_before_it_is_sent(self):
        with self.assertRaisesRegex(GraphQLError, "Cannot query field 'admin'"):
            connect(register("karl")).execute(gql("{ admin { message } }"))

    def test_a_refusal_carries_its_code_and_the_rest_of_the_answer(self):
        # Without the schema, so that nothing but the server refuses.
        client = Client(transport=RequestsHTTPTransport(url=URL, headers=headers(register("lena"))))
        with self.assertRaises(TransportQueryError) as refusal:
            client.execute(gql("{ me { username } admin { message } }"))
        self.assertEqual(refusal.exception.data, {"me": {"username": "lena"}, "admin": None})
        [error] = refusal.exception.errors
        self.assertEqual(error["extensions"]["code"], "FORBIDDEN")


class Sgqlc(unittest.TestCase):
    def generate(self, role):
        """The module that sgqlc-codegen writes for what the role is shown."""
        path = GENERATED / f"{role}_schema.py"
        codegen = Path(sys.executable).parent / "sgqlc-codegen"
        subprocess.run([codegen, "schema", "--docstrings", GENERATED / f"{role}.json", path], check=True)
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def test_a_typed_query_runs(self):
        types = self.generate("admin")
        operation = Operation(types.Query)
        operation.users(first=100).edges.node.__fields__("username", "state", "created_at")
        answer = HTTPEndpoint(URL, headers(sign_in_as_admin()))(operation)
        self.assertNotIn("errors", answer)
        nodes = [edge.node for edge in (operation + answer).users.edges]
        [ada] = [node for node in nodes if node.username == "ada"]
        self.assertEqual(ada.state, "ACTIVE")
        self.assertIsInstance(ada.created_at, datetime)

    def test_generated_types_have_what_the_role_is_shown(self):
        for role, shown in [("anonymous", False), ("user", False), ("admin", True)]:
            self.assertEqual(hasattr(self.generate(role).Query, "users"), shown, role)


if __name__ == "__main__":
    unittest.main()
