"""What the Python servers share: the rows, the tokens and the checks."""

import json
import os
import sqlite3
import threading
import time

import argon2
import jwt

SECRET = os.environ["TOKEN_SECRET"]
_local = threading.local()
_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def database():
    """A connection of this thread."""
    if not hasattr(_local, "connection"):
        _local.connection = sqlite3.connect(f"file:{os.environ['DATABASE']}?mode=ro", uri=True)
        _local.connection.row_factory = sqlite3.Row
    return _local.connection


def by_id(identifier):
    return database().execute("SELECT * FROM users WHERE id = ?", (identifier,)).fetchone()


def page(first):
    return database().execute("SELECT * FROM users ORDER BY id LIMIT ?", (min(first, 100),)).fetchall()


def caller_of(authorization):
    if not authorization or not authorization.startswith("Bearer "):
        return None
    return jwt.decode(authorization[7:], SECRET, algorithms=["HS256"])


def signed_in(caller):
    if caller is None:
        raise PermissionError("Sign in.")
    return caller


def administrator(caller):
    if "admin" not in signed_in(caller)["roles"]:
        raise PermissionError("Not allowed.")


def personal(caller, user):
    if signed_in(caller)["sub"] != user["id"] and "admin" not in caller["roles"]:
        raise PermissionError("Not allowed.")


def login(username, password):
    user = database().execute("SELECT * FROM users WHERE username = ?", (username,)).fetchone()
    if user is None:
        raise PermissionError("Not allowed.")
    _hasher.verify(user["password_hash"], password)
    claims = {"sub": user["id"], "roles": json.loads(user["roles"]), "exp": int(time.time()) + 900}
    return jwt.encode(claims, SECRET, algorithm="HS256")
