#!/usr/bin/env python3
"""Imports fresh hashes, one JSON object of hashes.py a line on standard input, with the built binary, and signs in.

    hashes.py --cheap | sign_in.py target/release/fieldguard
"""

import json, os, subprocess, sys, tempfile, time, urllib.request

BINARY = os.path.abspath(sys.argv[1])
URL = "http://127.0.0.1:41877/graphql"
LOGIN = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }"


def sign_in(name, password):
    body = json.dumps({"query": LOGIN, "variables": {"input": {"username": name, "password": password}}}).encode()
    headers = {"content-type": "application/json", "accept": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(URL, body, headers)) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


def wait_for(server):
    for _ in range(100):
        try:
            return sign_in("nobody", "x")
        except OSError:
            assert server.poll() is None, "the server has ended"
            time.sleep(0.1)
    raise SystemExit("the server does not start")


entries = [json.loads(line) for line in sys.stdin]
failed = []
with tempfile.TemporaryDirectory() as directory:
    file = os.path.join(directory, "users.jsonl")
    with open(file, "w") as users:
        for number, entry in enumerate(entries):
            users.write(json.dumps({"username": f"user{number}", "passwordHash": entry["hash"]}) + "\n")
    command = [BINARY, "--data-dir", os.path.join(directory, "data"), "--listen", "127.0.0.1:41877"]
    subprocess.run([*command, "migrate"], check=True)
    subprocess.run([*command, "users", "import", file], check=True)
    server = subprocess.Popen([*command, "serve"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(server)
        for number, entry in enumerate(entries):
            answer = sign_in(f"user{number}", entry["password"])
            if "errors" in answer:
                failed.append(f"{entry['library']}: {entry['hash']}: {answer['errors'][0]['message']}")
    finally:
        server.terminate()
        server.wait()
print("\n".join(failed))
print(f"{len(entries) - len(failed)} passed, {len(failed)} failed")
sys.exit(1 if failed else 0)
