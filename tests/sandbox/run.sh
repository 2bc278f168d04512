#!/usr/bin/env bash
# Runs the server in the root file system of the container image, as the image would: read-only, user 65532, no home, no
# temporary directory. Also checks the size of the image, and the manifests of packaging/.
set -euo pipefail
cd "$(dirname "$0")/../.."
binary=$(realpath "${FIELDGUARD_TEST_BINARY:-target/release/fieldguard}")
port=14830
scratch=$(mktemp -d)
cleanup() {
  kill "$(jobs -p)" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$scratch"
}
trap cleanup EXIT

fail() {
  echo "$1" >&2
  tail -n 20 "$scratch"/*.log >&2
  exit 1
}

packaging/image-root.sh "$binary" "$scratch/image"
megabytes=$(du -sm "$scratch/image" | cut -f1)
echo "image: $megabytes MB"
# The image holds the `dist` build, which is smaller than the `release` build that CI has.
[[ $megabytes -lt 60 || $binary == *debug* ]] || fail "the image has $megabytes MB"

export root=$scratch/image
in_sandbox() {
  # shellcheck disable=SC2016
  unshare --mount --pid --fork --kill-child bash -ec '
    mount --bind "$root" "$root" && mount -o remount,ro,bind "$root"
    mkdir -p "$root.data" && chown 65532:65532 "$root.data" && mount --bind "$root.data" "$root/data"
    exec env -i PATH="$PATH" FIELDGUARD_DATA_DIR=/data FIELDGUARD_LISTEN='"127.0.0.1:$port"' \
      setpriv --no-new-privs chroot --userspec=65532:65532 "$root" /fieldguard "$@"' sandbox "$@"
}

check_server() {
  echo 'violet kettle drums 77 orbit' | in_sandbox admin create root --password-stdin >"$scratch/admin.log" 2>&1 || fail "no administrator"
  in_sandbox serve >"$scratch/server.log" 2>&1 &
  curl --silent --retry 50 --retry-delay 0 --retry-connrefused --output /dev/null "http://127.0.0.1:$port/readyz"
  answer=$(curl --silent "http://127.0.0.1:$port/graphql" -H 'content-type: application/json' \
    -d '{"query": "mutation { login(input: {username: \"root\", password: \"violet kettle drums 77 orbit\"}) { user { username } } }"}')
  [[ $answer == '{"data":{"login":{"user":{"username":"root"}}}}' ]] || fail "no sign-in: $answer"
  server=$(pgrep --full --newest "^/fieldguard serve")
  grep --quiet '^Uid:.65532' "/proc/$server/status" || fail "the server runs as another user"
  started=$SECONDS
  kill -TERM "$server"
  wait
  [ $((SECONDS - started)) -lt 10 ] || fail "the server does not stop"
  ! grep -E 'ERROR|WARN' "$scratch/server.log" || fail "problems in the log"
  echo "sandbox: ok"
}

if unshare --mount --pid --fork true 2>/dev/null; then
  check_server
else
  echo "sandbox: skipped, this machine gives no right to mount"
fi

python3 -m venv --clear "$scratch/python"
"$scratch/python/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement tests/sandbox/requirements.txt
"$scratch/python/bin/python" tests/sandbox/manifests.py "$binary"
