#!/usr/bin/env python3
"""Receives mails with aiosmtpd, over STARTTLS and over TLS, and completes each flow with the codes in them.

Usage: verify.py BINARY. Needs openssl, and the packages of requirements.txt.
"""

import email
import email.policy
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

binary = Path(sys.argv[1]).resolve()
home = Path(tempfile.mkdtemp())
PASSWORD, NEW_PASSWORD = "a long walk by the river", "a short swim in the lake"
received = []


class Mailbox:
    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        received.append((message, server.transport.get_extra_info("ssl_object") is not None))
        return "250 accepted"


def authenticate(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"fieldguard", b"a mail password")
    return AuthResult(success=right)


def certificate():
    """A certificate for localhost, which is its own authority."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        + ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=home,
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home / "cert.pem", home / "key.pem")
    return context


def mail_server(context, encryption):
    options = {"tls_context": context, "require_starttls": True} if encryption == "starttls" else {"ssl_context": context, "auth_require_tls": False}
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Mailbox(), hostname="localhost", port=port, authenticator=authenticate, auth_required=True, **options)
    # The library's own attempt to connect does not speak TLS as a client.
    controller._trigger_server = lambda: socket.create_connection(("localhost", port)).close()
    controller.start()
    return controller, port


class Server:
    """A running server that sends to this mail server."""

    def __init__(self, name, port, encryption, **changes):
        directory = home / name
        directory.mkdir()
        environment = {
            "PATH": os.environ["PATH"],
            "SSL_CERT_FILE": str(home / "cert.pem"),
            "FIELDGUARD_MAIL_SMTP_HOST": "localhost",
            "FIELDGUARD_MAIL_SMTP_PORT": str(port),
            "FIELDGUARD_MAIL_SMTP_TLS": encryption,
            "FIELDGUARD_MAIL_SMTP_USERNAME": "fieldguard",
            "FIELDGUARD_MAIL_SMTP_PASSWORD": "a mail password",
            "FIELDGUARD_MAIL_FROM": "Example <no-reply@example.org>",
            "FIELDGUARD_MAIL_RESET_PASSWORD_URL": "https://app.example.org/reset",
            **changes,
        }
        self.log = directory / "log"
        command = [binary, "serve", "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(command, cwd=directory, env=environment, stdout=subprocess.PIPE, stderr=open(self.log, "w"), text=True)
        self.url = re.search(r"http://\S+/graphql", self.process.stdout.readline())[0]

    def send(self, document, variables, token=None):
        headers = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
        body = json.dumps({"query": document, "variables": variables}).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url, body, headers), timeout=60) as answer:
            return json.load(answer)

    def run(self, mutation, given, selection, token=None):
        kind = mutation[0].upper() + mutation[1:] + "Input"
        answer = self.send(f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {selection} }} }}", {"input": given}, token)
        assert "errors" not in answer, answer
        return answer["data"][mutation]

    def register(self, name):
        given = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
        return self.run("register", given, "accessToken")["accessToken"]

    def stop(self):
        self.process.terminate()
        self.process.wait()


def mails(count):
    begun = time.monotonic()
    while len(received) < count and time.monotonic() < begun + 60:
        time.sleep(0.1)
    assert len(received) == count, [message["subject"] for message, _ in received]
    return received[-1]


def code(message, prefix):
    parts = [message.get_body([kind]).get_content() for kind in ("plain", "html")]
    codes = {re.search(prefix + r"[\w-]{43}", part)[0] for part in parts}
    assert len(codes) == 1, codes
    return codes.pop()


def flows(server):
    """Registers, verifies the address, and resets the password."""
    received.clear()
    token = server.register("bob")
    message, is_encrypted = mails(1)
    assert is_encrypted and message["to"] == "bob@example.org" and message["from"] == "Example <no-reply@example.org>"
    assert message["subject"] == "Verify your email address" and message["auto-submitted"] == "auto-generated"
    user = server.run("verifyEmail", {"code": code(message, "fg_em_")}, "user { emailVerified }", token)["user"]
    assert user == {"emailVerified": True}
    server.run("updateProfile", {"locale": "de-AT"}, "user { id }", token)
    server.run("requestPasswordReset", {"email": "nobody@example.org"}, "codeValidFor")
    server.run("requestPasswordReset", {"email": "bob@example.org"}, "codeValidFor")
    message, _ = mails(2)
    assert message["subject"] == "Passwort zurücksetzen", message["subject"]
    assert "https://app.example.org/reset#code=fg_pr_" in message.get_body(["plain"]).get_content()
    server.run("resetPassword", {"code": code(message, "fg_pr_"), "newPassword": NEW_PASSWORD}, "user { username }")
    server.run("login", {"username": "bob", "password": NEW_PASSWORD}, "accessToken")
    message, _ = mails(3)
    assert message["subject"] == "Ihr Passwort wurde geändert", message["subject"]
    ids = {message["message-id"] for message, _ in received}
    assert len(ids) == 3 and all(id.endswith("@example.org>") for id in ids), ids


context = certificate()
for encryption in ("starttls", "tls"):
    controller, port = mail_server(context, encryption)
    server = Server(encryption, port, encryption)
    flows(server)
    server.stop()
    log = server.log.read_text()
    assert "bob@example.org" not in log and "fg_" not in log and "a mail password" not in log, log

    # A mail server whose certificate no authority of the machine signed, and one that refuses the password.
    for name, changes in (
        ("unknown", {"SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt"}),
        ("refused", {"FIELDGUARD_MAIL_SMTP_PASSWORD": "a wrong password"}),
    ):
        received.clear()
        server = Server(f"{encryption}-{name}", port, encryption, **changes)
        server.register("bob")
        begun = time.monotonic()
        while "mail" not in server.log.read_text() and time.monotonic() < begun + 60:
            time.sleep(0.1)
        server.stop()
        assert not received and "mail" in server.log.read_text(), server.log.read_text()
    controller.stop()
print("aiosmtpd receives mails over STARTTLS and TLS, and their codes verify an address and reset a password")
