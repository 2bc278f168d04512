#!/usr/bin/env bash
# Starts the built server on empty data directories and verifies its access tokens with other libraries, those of Node and
# those of Python. Needs the Debian package faketime.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
export FIELDGUARD_TEST_BINARY=${FIELDGUARD_TEST_BINARY:-$root/target/release/fieldguard}
libraries=(/usr/lib/*/faketime/libfaketime.so.1)
export FIELDGUARD_TEST_FAKETIME=${libraries[0]}
python=${CARGO_TARGET_DIR:-$root/target}/verifier-python
python3 -m venv --clear "$python"
"$python/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement python/requirements.txt
export FIELDGUARD_TEST_PYTHON=$python/bin/python
node --test --test-reporter=spec ./*.test.mjs
