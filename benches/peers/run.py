#!/usr/bin/env python3
"""Compares Fieldguard with other servers that do the same work, on this machine.

    cargo build --profile dist --bin fieldguard
    python3 benches/peers/run.py [--seconds 4] [--rounds 3] [--only PEER,…] [--binary PATH]

Sets everything up in target/peers: npm packages, Python packages and the Rust peers, all from their registries with locked
versions. Every server gets the same 110 users, the same tokens (HS256) and the same argon2id parameters (19 MiB, 2 passes, 1
lane). Each is pinned to one core, and the load comes from another. The servers take turns in every round, so that a busy moment
of the machine meets all of them. Prints requests per second of the server's processor time, and the ratio to Fieldguard.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "target" / "peers"
SECRET = base64.b64encode(hashlib.sha256(b"peers").digest()).decode()
PASSWORD = "a long walk by the river"
USERS = 110
CONNECTIONS = 8
TICKS = os.sysconf("SC_CLK_TCK")

ME = "{ me { id username state } }"
ADMIN = "{ admin { message } }"
GUARDED = "{ users(first: 100) { nodes { id username email createdAt state } } }"
PUBLIC = "{ users(first: 100) { nodes { id username a: username b: username c: id } } }"
LOGIN = "mutation L($input: LoginInput!) { login(input: $input) { accessToken } }"

# name: (document, path without GraphQL, whether an administrator asks, expected in the answer)
WORK_ITEMS = {
    "W2 own account": (ME, "/me", False, '"username"'),
    "W3 guarded field": (ADMIN, "/admin", True, '"message"'),
    "W4 the same, refused": (ADMIN, "/admin", False, None),
    "W5 100 users, guarded": (GUARDED, "/guarded", True, '"email"'),
    "W5 100 users, public": (PUBLIC, "/public", True, '"username"'),
    "W6 sign-in": (LOGIN, "/login", None, '"accessToken"'),
}


def token(user, roles):
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")
    text = part({"alg": "HS256", "typ": "JWT"}) + b"." + part({"sub": user, "roles": roles, "exp": int(time.time()) + 86_400})
    signature = hmac.new(SECRET.encode(), text, hashlib.sha256).digest()
    return (text + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A running server, pinned to the first core."""

    def __init__(self, command, port, environment):
        self.port = port
        # A file: a server that logs its refusals to a pipe would wait for a reader.
        self.log = WORK / f"{port}.log"
        began = time.monotonic()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["taskset", "-c", "0", *map(str, command)],
                env={**os.environ, "NODE_ENV": "production", "PORT": str(port), **(environment or {})},
                stdout=subprocess.DEVNULL, stderr=log, start_new_session=True,
            )
        self.wait()
        self.start_milliseconds = (time.monotonic() - began) * 1_000

    def wait(self):
        for _ in range(6_000):
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    sys.exit(self.log.read_text())
                time.sleep(0.002)
        sys.exit("the server does not listen")

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def mebibytes(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1_024
        return 0.0

    def stop(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Peer:
    def __init__(self, name, start, graphql=True):
        self.name, self.start, self.graphql = name, start, graphql
        self.tokens = {}

    def request(self, item, index):
        document, path, by_admin, _ = WORK_ITEMS[item]
        if item.startswith("W6"):
            # Other names, because sign-ins with one name run one after the other.
            credentials = {"username": f"user{index:03}", "password": PASSWORD}
            body = {"query": document, "variables": {"input": credentials}} if self.graphql else credentials
        else:
            body = {"query": document} if self.graphql else {}
        data = json.dumps(body).encode()
        head = [f"POST {'/graphql' if self.graphql else path} HTTP/1.1", "Host: localhost", "Content-Type: application/json",
                "Accept: application/json", f"Content-Length: {len(data)}"]
        if by_admin is not None:
            head.append(f"Authorization: Bearer {self.tokens['admin' if by_admin else 'user']}")
        return "\r\n".join(head).encode() + b"\r\n\r\n" + data


def exchange(connection, request):
    """The status and the body of the answer."""
    connection.sendall(request)
    received = b""
    while b"\r\n\r\n" not in received:
        received += read(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    lowered = head.lower()
    if b"transfer-encoding: chunked" in lowered:
        while not body.endswith(b"0\r\n\r\n"):
            body += read(connection)
    else:
        length = int(lowered.split(b"content-length:")[1].split(b"\r\n")[0])
        while len(body) < length:
            body += read(connection)
    return int(head.split()[1]), body


def read(connection):
    part = connection.recv(1 << 18)
    if not part:
        sys.exit("a server closed the connection")
    return part


def check(peer, server, item):
    """Holds a peer to its work: an error would be quick."""
    expected = WORK_ITEMS[item][3]
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        status, body = exchange(connection, peer.request(item, 0))
    text = body.decode()
    is_right = expected in text and '"errors"' not in text if expected else '"errors"' in text or status == 403
    if not is_right or (item.startswith("W5") and text.count('"username"') != 100):
        sys.exit(f"{peer.name}, {item}: {status} {text[:400]}")


def load(peer, server, item, seconds):
    """Requests per second of the server's processor time."""
    until, counts = time.monotonic() + seconds, [0] * CONNECTIONS

    def work(index):
        request = peer.request(item, index)
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            while time.monotonic() < until:
                exchange(connection, request)
                counts[index] += 1

    before = server.cpu()
    threads = [threading.Thread(target=work, args=(index,)) for index in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / max(server.cpu() - before, 1 / TICKS)


def prepare(binary):
    """Installs the peers and makes the data. Returns the environment of the peers."""
    WORK.mkdir(parents=True, exist_ok=True)
    node, venv = WORK / "node", WORK / "venv"
    shutil.copytree(HERE / "node", node, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=node)
    if not venv.exists():
        run([sys.executable, "-m", "venv", venv])
    run([venv / "bin/pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", HERE / "python/requirements.txt"])
    run(["cargo", "build", "--release", "--locked", "--manifest-path", HERE / "rust/Cargo.toml"],
        env={**os.environ, "CARGO_TARGET_DIR": str(WORK / "rust")})
    return {"DATABASE": str(rows(venv)), "TOKEN_SECRET": SECRET}


def run(command, **rest):
    subprocess.run([str(part) for part in command], check=True, **rest)


def rows(venv):
    """The users of the peers. The first is the administrator."""
    path = WORK / "users.db"
    path.unlink(missing_ok=True)
    code = f"import argon2; print(argon2.PasswordHasher(2, 19456, 1).hash({PASSWORD!r}))"
    password_hash = subprocess.check_output([venv / "bin/python", "-c", code], text=True).strip()
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE users (id TEXT PRIMARY KEY, username TEXT UNIQUE, email TEXT, created_at TEXT, state TEXT, "
                     "password_hash TEXT, roles TEXT) WITHOUT ROWID")
    of = lambda number: (f"0197a000-0000-7000-8000-{number:012}", f"user{number:03}", f"user{number:03}@example.org",
                         "2026-01-01T00:00:00Z", "ACTIVE", password_hash, '["admin"]' if number == 0 else '["user"]')
    database.executemany("INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?)", map(of, range(USERS)))
    database.commit()
    database.close()
    return path


def fieldguard(binary, peer):
    directory = tempfile.mkdtemp(dir=WORK)
    command = [binary, "--data-dir", directory, "--log-level", "warn", "--token-algorithm", "HS256"]
    environment = {**os.environ, "FIELDGUARD_TOKEN_SECRET": SECRET}
    run([*command, "admin", "create", "root", "--password-stdin"], input=PASSWORD.encode(), env=environment, stdout=subprocess.DEVNULL)
    lines = "".join(json.dumps({"username": f"user{number:03}", "email": f"user{number:03}@example.org",
                                "passwordHash": known_hash()}) + "\n" for number in range(USERS))
    file = pathlib.Path(directory) / "users.jsonl"
    file.write_text(lines)
    run([*command, "users", "import", file], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    port = free_port()
    server = Server([*command, "serve", "--listen", f"127.0.0.1:{port}"], port, {"FIELDGUARD_TOKEN_SECRET": SECRET})
    for name, username in [("admin", "root"), ("user", "user001")]:
        body = json.dumps({"query": LOGIN, "variables": {"input": {"username": username, "password": PASSWORD}}}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", body, {"content-type": "application/json"})
        peer.tokens[name] = json.load(urllib.request.urlopen(request))["data"]["login"]["accessToken"]
    return server


def known_hash():
    database = sqlite3.connect(WORK / "users.db")
    return database.execute("SELECT password_hash FROM users LIMIT 1").fetchone()[0]


def peers(binary, environment):
    def at(*command):
        def start(peer):
            identifier = lambda number: f"0197a000-0000-7000-8000-{number:012}"
            peer.tokens = {"admin": token(identifier(0), ["admin"]), "user": token(identifier(1), ["user"])}
            return Server(command, free_port(), environment)
        return start

    node = lambda name: at("node", WORK / f"node/{name}.mjs")
    python = lambda name: at(WORK / "venv/bin/python", HERE / f"python/{name}.py")
    rust = lambda name: at(WORK / f"rust/release/{name}")
    return [
        Peer("Fieldguard", lambda peer: fieldguard(binary, peer)),
        Peer("axum, no GraphQL", rust("no_graphql"), graphql=False),
        Peer("async-graphql", rust("plain")),
        Peer("Mercurius + graphql-jit", node("mercurius")),
        Peer("Yoga", node("yoga")),
        Peer("Apollo Server", node("apollo")),
        Peer("Strawberry", python("strawberry_server")),
        Peer("Flask + Ariadne", python("flask_server")),
    ]


def measure(chosen, seconds, rounds):
    servers, results = {}, {}
    for peer in chosen:
        servers[peer.name] = peer.start(peer)
        results[peer.name, "start"], results[peer.name, "idle"] = servers[peer.name].start_milliseconds, servers[peer.name].mebibytes()
    os.sched_setaffinity(0, {1})
    try:
        for item in WORK_ITEMS:
            for peer in chosen:
                check(peer, servers[peer.name], item)
                # Compilers at run time need some thousand calls.
                load(peer, servers[peer.name], item, min(seconds, 3))
            rates = {peer.name: [] for peer in chosen}
            for _ in range(rounds):
                for peer in chosen:
                    rates[peer.name].append(load(peer, servers[peer.name], item, seconds))
            for peer in chosen:
                results[peer.name, item] = statistics.median(rates[peer.name])
            print(item, {name: round(statistics.median(rate)) for name, rate in rates.items()}, file=sys.stderr, flush=True)
        for peer in chosen:
            results[peer.name, "loaded"] = servers[peer.name].mebibytes()
    finally:
        for server in servers.values():
            server.stop()
    return results


def number(rate):
    return f"{rate / 1_000:.1f} k" if rate >= 1_000 else f"{rate:.0f}"


def table(chosen, results):
    columns = list(WORK_ITEMS)
    print("| server |", " | ".join(columns), "| start | idle | after load |")
    print("|---|" + "---:|" * (len(columns) + 3))
    for peer in chosen:
        base = lambda item: results[chosen[0].name, item]
        cells = [f"{number(results[peer.name, item])} ({results[peer.name, item] / base(item):.2f})" for item in columns]
        rest = [f"{results[peer.name, 'start']:.0f} ms", f"{results[peer.name, 'idle']:.0f} MiB", f"{results[peer.name, 'loaded']:.0f} MiB"]
        print("|", " | ".join([peer.name, *cells, *rest]), "|")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="names of peers, separated by commas")
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "target/dist/fieldguard")
    arguments = parser.parse_args()
    binary = arguments.binary.resolve()
    if not binary.exists():
        sys.exit(f"{binary} is missing; run: cargo build --profile dist --bin fieldguard")
    chosen = peers(binary, prepare(binary))
    if arguments.only:
        names = ["Fieldguard", *arguments.only.split(",")]
        chosen = [peer for peer in chosen if peer.name in names]
    table(chosen, measure(chosen, arguments.seconds, arguments.rounds))


if __name__ == "__main__":
    main()
