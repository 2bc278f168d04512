#!/usr/bin/env python3
"""Receives webhooks over TLS and verifies them with the library of the Standard Webhooks specification.

Usage: verify.py BINARY. Needs openssl, and the package standardwebhooks of requirements.txt.
"""

import base64
import os
import secrets
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

binary = Path(sys.argv[1]).resolve()
home = Path(tempfile.mkdtemp())
former, current, other = ("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(3))
received = []


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        received.append((body, dict(self.headers)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


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


server = HTTPServer(("localhost", 0), Receiver)
server.socket = certificate().wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
environment = {
    "PATH": os.environ["PATH"],
    "SSL_CERT_FILE": str(home / "cert.pem"),
    "FIELDGUARD_WEBHOOKS_URL": f"https://localhost:{server.server_port}/hooks",
    "FIELDGUARD_WEBHOOKS_SECRET": current,
    "FIELDGUARD_WEBHOOKS_PREVIOUS_SECRET": former,
    "FIELDGUARD_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES": "true",
}


def run(*words, text="", **changes):
    environment_now = {**environment, **changes}
    return subprocess.run([binary, *words], cwd=home, env=environment_now, input=text, capture_output=True, text=True)


done = run("webhooks", "test")
assert done.returncode == 0 and "status 204" in done.stdout, done
done = run("admin", "create", "ada", "--password-stdin", text="a long walk by the river")
assert done.returncode == 0, done
serving = subprocess.Popen([binary, "serve", "--listen", "127.0.0.1:0"], cwd=home, env=environment, stdout=subprocess.DEVNULL)
begun = time.monotonic()
while len(received) < 2 and time.monotonic() < begun + 60:
    time.sleep(0.1)
serving.terminate()
serving.wait()

events = []
for body, headers in received:
    for secret in (current, former):
        event = Webhook(secret).verify(body, headers)
    for forged, key in ((body + " ", current), (body, other)):
        try:
            Webhook(key).verify(forged, headers)
            sys.exit("a forged event was accepted")
        except WebhookVerificationError:
            pass
    events.append(event["type"])
assert events == ["webhook.test", "user.created"], events

# A receiver whose certificate no authority of the machine signed, and one with a private address.
done = run("webhooks", "test", SSL_CERT_FILE="/etc/ssl/certs/ca-certificates.crt")
assert done.returncode == 1 and "connection" in done.stderr, done
done = run("webhooks", "test", FIELDGUARD_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES="false")
assert done.returncode == 1 and "blocked-address" in done.stderr, done
assert len(received) == 2
print("standardwebhooks verifies", ", ".join(events), "with both secrets, over TLS, and refuses forged ones")
