#!/usr/bin/env bash
# Starts the built server on empty data directories and verifies its access tokens with another library.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
export FIELDGUARD_TEST_BINARY=${FIELDGUARD_TEST_BINARY:-$root/target/release/fieldguard}
node --test --test-reporter=spec verifier.test.mjs
