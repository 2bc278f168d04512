#!/usr/bin/env bash
# Another service verifies tokens of the built server, which it starts on empty data directories.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
export FIELDGUARD_TEST_BINARY=${FIELDGUARD_TEST_BINARY:-$root/target/release/fieldguard}
node --test --test-reporter=spec verifier.test.mjs
