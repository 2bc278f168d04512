#!/usr/bin/env bash
# Runs the examples of Markdown files, as a new user would paste them into one shell: `.ci/readme.sh [FILE…]`, by default README.md.
#
# Every ```sh block is run, in order. A ```json block after it is its answer, byte for byte but for white space; any other answer must
# hold no errors. Every ```graphql block must be valid: an administrator asks `explainAccess` about it. Blocks of other kinds, such as
# ```console, are not run.
#
# README begins with an empty directory and starts its server itself, in this checkout. A page of the book finds a server with the
# administrator `ada` and the user `bob`, whose access token is in $TOKEN, and runs in an empty directory with `fieldguard` on the PATH.
#
# What differs from a person: the server's block runs in the background until it is ready; `cargo test` is left out, because
# .ci/run has just done it; the password is typed through a pseudo-terminal; the PostgreSQL URL is that of the test server,
# and the block is left out where there is none; data goes to a scratch directory.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
binary=$(realpath -m "${FIELDGUARD_TEST_BINARY:-target/release/fieldguard}")
graphql=http://127.0.0.1:4000/graphql
ada_password='a long walk by the river'
files=("$@")
[ $# != 0 ] || files=(README.md)

scratch=$(mktemp -d)
server=
stop() {
  [ -z "$server" ] || { kill -- "-$server" 2>/dev/null; wait "$server" 2>/dev/null; } || true
  server=
}
trap 'stop; rm -rf "$scratch"' EXIT

# NN.sh or NN.graphql for each block, and NN.json for the answer that follows it.
blocks_of() {
  awk -v dir="$blocks" '
    /^```/ && open { open = 0; last = kind == "sh" ? file : ""; close(file); next }
    /^```(sh|graphql)$/ { kind = substr($0, 4); file = sprintf("%s/%02d.%s", dir, ++n, kind); open = 1; prose = 0; next }
    /^```json$/ && last && !prose { kind = "json"; file = last; sub(/sh$/, "json", file); last = ""; open = 1; next }
    /^```/ { kind = "other"; file = "/dev/null"; open = 1; next }
    open { print > file; prose = 0; next }
    NF { prose = 1 }
  ' "$1"
}

serve() {
  set -m  # a group of its own: cargo and the server end together
  "$@" >"$home/out" 2>"$home/log" &
  server=$!
  set +m
  for _ in $(seq 6000); do
    curl -fsS http://127.0.0.1:4000/readyz >/dev/null 2>&1 && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  cat "$home/log"
  return 1
}

ask() {  # ask DOCUMENT [VARIABLES] [TOKEN]
  node -p 'JSON.stringify({ query: process.argv[1], variables: JSON.parse(process.argv[2]) })' "$1" "${2:-null}" |
    curl -s "$graphql" -H 'content-type: application/json' ${3:+-H "authorization: Bearer $3"} -d @-
}

access_token() { sed 's/.*"accessToken":"\([^"]*\)".*/\1/'; }

prepare() {  # the server that a page of the book finds
  mkdir "$home/bin" "$home/work"
  ln -s "$binary" "$home/bin/fieldguard"
  printf '%s\n' "$ada_password" | "$binary" admin create ada --password-stdin >/dev/null
  serve "$binary"
  TOKEN=$(ask 'mutation { register(input: {username: "bob", password: "correct horse battery"}) { accessToken } }' | access_token)
}

type_password() {  # a pseudo-terminal, since a password is not read from a pipe
  printf '%s\n%s\n' "$ada_password" "$ada_password" | script -qec "$1" /dev/null
}

squeeze() { tr -d '[:space:]' <"$1"; }

run_sh() {  # run_sh BLOCK: in this shell, so that a variable lives on in later blocks
  local text expected
  text=$(cat "$1")
  printf '\n$ %s\n' "$text"
  case $text in
    'cargo test') echo '(done before)'; return ;;
    'cargo run --release') serve cargo run --release; return ;;
    *'admin set-password ada') type_password "$text" | grep 'The password of ada is set'; return ;;
    *'admin create ada') type_password "$text"; cargo run -q --release -- admin list | grep -q ' ada$'; return ;;
    *postgres://*)
      [ -n "${FIELDGUARD_TEST_POSTGRES_URL:-}" ] || { echo '(no PostgreSQL here)'; return; }
      sed -i "s|postgres://[^ ]*|$FIELDGUARD_TEST_POSTGRES_URL|" "$1" ;;
  esac
  . "$1" >"$home/answer"
  head -c 2000 "$home/answer"
  expected=${1%.sh}.json
  if [ -f "$expected" ]; then
    [ "$(squeeze "$home/answer")" = "$(squeeze "$expected")" ] || { echo "$file expects: $(cat "$expected")"; exit 1; }
  elif grep -q '"errors"' "$home/answer"; then
    echo "$file expects no errors"; exit 1
  elif [[ $text =~ ^TOKEN= ]]; then
    case $TOKEN in *.*.*) ;; *) echo "no token: $TOKEN"; exit 1 ;; esac
  elif [[ $text =~ ^PAT= ]]; then
    case $PAT in fg_pat_*) ;; *) echo "no token: $PAT"; exit 1 ;; esac
  elif ! [ -s "$home/answer" ]; then
    case $text in *migrate | *' > '*) ;; *) echo 'no answer'; exit 1 ;; esac
  fi
}

check_graphql() {  # check_graphql BLOCK: must fit the schema
  local variables answer
  variables=$(node -p 'JSON.stringify({ document: process.argv[1] })' "$(cat "$1")")
  answer=$(ask 'query ($document: String!) { explainAccess(document: $document, asRole: "admin") { decision } }' "$variables" "$ada")
  case $answer in *'"errors"'* | '') printf '%s has an invalid document:\n%s\n%s\n' "$file" "$(cat "$1")" "$answer"; exit 1 ;; esac
}

run_file() {
  home=$scratch/$1
  blocks=$home/blocks
  mkdir -p "$blocks"
  export FIELDGUARD_DATA_DIR=$home/data
  blocks_of "$file"
  ls "$blocks"/* >/dev/null 2>&1 || return 0
  printf '\n=== the examples of %s\n' "$file"
  if ! grep -qx 'cargo run --release' "$blocks"/*.sh 2>/dev/null; then
    prepare
    PATH=$home/bin:$PATH
    cd "$home/work"
  fi
  for block in "$blocks"/*.sh; do [ ! -f "$block" ] || run_sh "$block"; done
  ada=
  for block in "$blocks"/*.graphql; do
    [ -f "$block" ] || continue
    [ -n "$ada" ] || ada=$(ask "mutation { login(input: {username: \"ada\", password: \"$ada_password\"}) { accessToken } }" | access_token)
    check_graphql "$block"
  done
  cd "$root"
  stop
}

path=$PATH
number=0
for file in "${files[@]}"; do
  PATH=$path
  number=$((number + 1))
  run_file $number
done
printf '\nevery example of %s did what it says\n' "${files[*]}"
