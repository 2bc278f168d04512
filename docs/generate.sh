#!/usr/bin/env bash
# Writes the reference pages that a binary describes best itself: settings, commands, the GraphQL schema and its enums.
#
#     docs/generate.sh target/release/fieldguard            # writes into docs/src
#     docs/generate.sh --check target/release/fieldguard    # fails with a diff if docs/src is not up to date
set -euo pipefail
check=
if [ "${1:-}" = --check ]; then check=1; shift; fi
[ $# = 1 ] || { echo "usage: $0 [--check] BINARY" >&2; exit 2; }
binary=$(realpath "$1")
docs=$(cd "$(dirname "$0")" && pwd)

pages=$docs/src
if [ -n "$check" ]; then
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  cp -r "$docs/src" "$scratch/src"
  pages=$scratch/src
fi
python3 "$docs/generate.py" "$binary" "$pages"
if [ -n "$check" ]; then
  diff -ru "$docs/src" "$pages" || { echo "run docs/generate.sh $1" >&2; exit 1; }
  echo "the generated pages are up to date"
fi
