#!/usr/bin/env bash
# Starts the built server on empty data directories and verifies its access tokens with other libraries: those of Node, of
# Python and of Go. Needs the Debian packages faketime, golang-go and golang-github-coreos-go-oidc-dev.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
export FIELDGUARD_TEST_BINARY=${FIELDGUARD_TEST_BINARY:-$root/target/release/fieldguard}
libraries=(/usr/lib/*/faketime/libfaketime.so.1)
export FIELDGUARD_TEST_FAKETIME=${libraries[0]}
# A missing one is ignored by the loader, and no clock would be ahead.
[ -e "$FIELDGUARD_TEST_FAKETIME" ] || { echo "install faketime" >&2; exit 1; }
python=${CARGO_TARGET_DIR:-$root/target}/verifier-python
python3 -m venv --clear "$python"
"$python/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement python/requirements.txt
export FIELDGUARD_TEST_PYTHON=$python/bin/python
export FIELDGUARD_TEST_GO=${CARGO_TARGET_DIR:-$root/target}/verifier-go
GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$FIELDGUARD_TEST_GO-cache go build -o "$FIELDGUARD_TEST_GO" ./go
node --test --test-reporter=spec ./*.test.mjs
