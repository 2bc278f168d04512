#!/usr/bin/env bash
# Runs the server behind PgBouncer in transaction mode, with fewer connections of the database than the server uses. Without
# the setting the server must not start, and say which one it needs; with it, every answer must be right.
set -euo pipefail
cd "$(dirname "$0")/../.."
binary=$(realpath "${FIELDGUARD_TEST_BINARY:-target/release/fieldguard}")
database_url=${FIELDGUARD_TEST_POSTGRES_URL:?a server on which databases can be created}
pooler=14820 listen=14821

scratch=$(mktemp -d)
chmod 755 "$scratch"
pids=()
name=fieldguard_pooler_$$
cleanup() {
  kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  for database in "$name" "${name}_latin1"; do sql "DROP DATABASE IF EXISTS $database WITH (FORCE)" >/dev/null; done
  rm -rf "$scratch"
}
trap cleanup EXIT

sql() { psql --quiet --no-psqlrc "$database_url" --command "$1"; }

fail() {
  echo "$1" >&2
  tail -n 20 "$scratch"/*.log >&2
  exit 1
}

refused() {  # refused URL TEXT: the server does not start and says TEXT
  if FIELDGUARD_DATABASE_URL=$1 "$binary" --data-dir "$scratch/data" migrate >"$scratch/refused.log" 2>&1; then fail "the server accepts $1"; fi
  grep --quiet --fixed-strings "$2" "$scratch/refused.log" || fail "no word of $2"
}

authority=${database_url#*://}
authority=${authority%/*}
user=${authority%@*} server=${authority#*@}
sql "CREATE DATABASE $name ENCODING 'UTF8' TEMPLATE template0"
sql "CREATE DATABASE ${name}_latin1 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
refused "postgres://$user@$server/${name}_latin1" "encoding is LATIN1 and must be UTF8"
echo "encoding: ok"

echo "\"${user%%:*}\" \"\"" >"$scratch/users"
cat >"$scratch/pgbouncer.ini" <<EOF
[databases]
* = host=${server%:*} port=${server#*:}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $pooler
auth_type = trust
auth_file = $scratch/users
pool_mode = transaction
default_pool_size = 3
unix_socket_dir =
EOF
chmod -R a+rX "$scratch"
as_user=()
# PgBouncer refuses to run as root.
[ "$(id -u)" != 0 ] || as_user=(setpriv --reuid nobody --regid nogroup --clear-groups)
"${as_user[@]}" pgbouncer "$scratch/pgbouncer.ini" >"$scratch/pgbouncer.log" 2>&1 &
pids+=($!)
export FIELDGUARD_DATABASE_URL=postgres://$user@127.0.0.1:$pooler/$name
for _ in $(seq 100); do psql --quiet --no-psqlrc "$FIELDGUARD_DATABASE_URL" --command 'SELECT 1' >/dev/null 2>&1 && break; sleep 0.1; done

refused "$FIELDGUARD_DATABASE_URL" 'set `database_pooling = "transaction"`'
export FIELDGUARD_DATABASE_POOLING=transaction
"$binary" --data-dir "$scratch/data" migrate >"$scratch/migrate.log" 2>&1 || fail "no migration"
echo "violet kettle drums 77 orbit" | "$binary" --data-dir "$scratch/data" admin create root --password-stdin >"$scratch/admin.log" 2>&1 || fail "no administrator"
FIELDGUARD_HASH_MEMORY_KIB=19456 "$binary" --data-dir "$scratch/data" --listen "127.0.0.1:$listen" serve >"$scratch/server.log" 2>&1 &
server_pid=$!
pids+=($server_pid)
curl --silent --retry 50 --retry-delay 0 --retry-connrefused --output /dev/null "http://127.0.0.1:$listen/readyz"
node tests/poolers/load.mjs "http://127.0.0.1:$listen/graphql" || fail "a wrong answer"
kill $server_pid
wait $server_pid || true
if grep --quiet -E 'ERROR|WARN' "$scratch/server.log"; then fail "problems in the log"; fi
"$binary" --data-dir "$scratch/data" audit verify >"$scratch/verify.log" 2>&1 || fail "the audit log is not whole"
echo "PgBouncer in transaction mode: ok"
