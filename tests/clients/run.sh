#!/usr/bin/env bash
# Starts the built server on an empty data directory and runs every client against it, those of Node and those of Python.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
server=${FIELDGUARD_TEST_BINARY:-$root/target/release/fieldguard}
data=$(mktemp -d)
export FIELDGUARD_DATA_DIR=$data FIELDGUARD_LISTEN=127.0.0.1:4199
export ADMIN_PASSWORD="a long walk by the river"
cleanup() { [ -z "${pid:-}" ] || kill "$pid" 2>/dev/null || true; rm -rf "$data"; }
trap cleanup EXIT
printf '%s\n' "$ADMIN_PASSWORD" | "$server" admin create ada --password-stdin
"$server" serve 2>"$data/log" &
pid=$!
for _ in $(seq 100); do curl -fsS "http://$FIELDGUARD_LISTEN/readyz" >/dev/null 2>&1 && break; sleep 0.1; done
# Node looks for the packages of a file above it, so the example is run from here.
mkdir -p node_modules/.fieldguard
cp "$root/examples/apollo/client.mjs" node_modules/.fieldguard/
export URL=http://$FIELDGUARD_LISTEN/graphql
rm -rf generated
node schemas.mjs
# Apollo Client warns only in its development build, which this condition chooses.
NODE_OPTIONS=--conditions=development node --test --test-reporter=spec ./*.test.mjs

python=$root/target/clients-python
python3 -m venv --clear "$python"
"$python/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement python/requirements.txt
"$python/bin/python" python/clients.py
