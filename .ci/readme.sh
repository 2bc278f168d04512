#!/usr/bin/env bash
# Runs every ```sh block of README.md in order, as a new user would paste them into one shell, in this checkout.
#
# What differs from a person: the server's block runs in the background until it is ready; `cargo test` is left out, because
# .ci/run has just done it; the password is typed through a pseudo-terminal; the PostgreSQL URL is that of the test server,
# and the block is left out where there is none; data goes to a scratch directory. A ```json block after a block is its
# answer, byte for byte but for white space. Any other answer must hold no errors.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
export FIELDGUARD_DATA_DIR=$scratch/data
cleanup() {
  if [ -n "${server:-}" ]; then kill -- "-$server" 2>/dev/null || true; fi
  rm -rf "$scratch"
}
trap cleanup EXIT

# NN.sh for each block, and NN.json for the answer that follows it.
awk -v dir="$scratch" '
  /^```/ && open { open = 0; if (kind == "sh") last = file; close(file); next }
  /^```sh$/ { kind = "sh"; file = sprintf("%s/%02d.sh", dir, ++n); open = 1; next }
  /^```json$/ && last && !prose { kind = "json"; file = last; sub(/sh$/, "json", file); last = ""; open = 1; next }
  /^```/ { kind = "other"; file = "/dev/null"; open = 1; next }
  open { print > file; prose = 0; next }
  NF { prose = 1 }
' README.md

serve() {
  set -m  # a group of its own: cargo and the server end together
  "$@" >"$scratch/out" 2>"$scratch/log" &
  server=$!
  set +m
  for _ in $(seq 6000); do
    curl -fsS http://127.0.0.1:4000/readyz >/dev/null 2>&1 && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  cat "$scratch/log"
  return 1
}

type_password() {  # a pseudo-terminal, since a password is not read from a pipe
  printf 'a long walk by the river\na long walk by the river\n' | script -qec "$1" /dev/null
}

squeeze() { tr -d '[:space:]' <"$1"; }

for block in "$scratch"/*.sh; do
  text=$(cat "$block")
  printf '\n$ %s\n' "$text"
  case $text in
    'cargo test') echo '(done before)'; continue ;;
    'cargo run --release') serve cargo run --release; continue ;;
    *'admin set-password ada') type_password "$text" | grep 'The password of ada is set'; continue ;;
    *'admin create ada') type_password "$text" ; cargo run -q --release -- admin list | grep -q ' ada$'; continue ;;
    *postgres://*)
      [ -n "${FIELDGUARD_TEST_POSTGRES_URL:-}" ] || { echo '(no PostgreSQL here)'; continue; }
      sed -i "s|postgres://[^ ]*|$FIELDGUARD_TEST_POSTGRES_URL|" "$block" ;;
  esac
  # In this shell, so that a variable lives on in later blocks; a failing command ends the script.
  . "$block" >"$scratch/answer"
  head -c 2000 "$scratch/answer"
  expected=${block%.sh}.json
  if [ -f "$expected" ]; then
    [ "$(squeeze "$scratch/answer")" = "$(squeeze "$expected")" ] || { echo "README expects: $(cat "$expected")"; exit 1; }
  elif grep -q '"errors"' "$scratch/answer"; then
    echo 'README expects no errors'; exit 1
  elif [ -z "${text##TOKEN=*}" ]; then
    case $TOKEN in *.*.*) ;; *) echo "no token: $TOKEN"; exit 1 ;; esac
  elif ! [ -s "$scratch/answer" ]; then
    case $text in *migrate) ;; *) echo 'no answer'; exit 1 ;; esac
  fi
done
printf '\nevery command of README did what it says\n'
