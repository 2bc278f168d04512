#!/usr/bin/env bash
# Runs the server behind the proxies of docs/src/guides/reverse-proxy.md, with the configurations that stand there: TLS, the
# client's address, the request ID, the `Secure` cookie and large bodies must be right behind each, also below a path. Only
# ports, certificates and the data directory are changed.
set -euo pipefail
cd "$(dirname "$0")/../.."
guide=docs/src/guides/reverse-proxy.md
binary=$(realpath "${FIELDGUARD_TEST_BINARY:-target/release/fieldguard}")
upstream=14810 https=14811
site=https://id.example.org:$https

scratch=$(mktemp -d)
chmod 755 "$scratch"
pids=()
server=
cleanup() {
  kill "${pids[@]}" $server 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$scratch"
}
trap cleanup EXIT

block() {  # block LANGUAGE [N]: the Nth block of the guide in this language
  awk -v start="^\`\`\`$1\$" -v n="${2:-1}" '$0 ~ start { open = ++seen == n; next } /^```/ { open = 0 } open' "$guide"
}

serve() {  # serve [URL [LINE]]: restarts the server with this public URL and another line of settings
  if [ -n "$server" ]; then
    kill "$server"
    wait "$server" || true
  fi
  public_url=${1:-https://id.example.org}
  { echo "${2:-}"; block toml | sed "s/:4000/:$upstream/; s|https://id.example.org|$public_url|"; } >"$scratch/fieldguard.toml"
  "$binary" --config "$scratch/fieldguard.toml" --data-dir "$scratch/data-${public_url//[^a-z]/}" serve >"$scratch/server.log" 2>&1 &
  server=$!
  curl --silent --retry 50 --retry-delay 0 --retry-connrefused -o /dev/null "http://127.0.0.1:$upstream/healthz"
}

stop_proxy() {
  kill "$1"
  wait "$1" || true
}

request() {  # request BODY [OPTION…]: from another address than the proxy's own
  curl --silent --show-error --cacert "$scratch/certificate.pem" --resolve "id.example.org:$https:127.0.0.1" --interface 127.0.0.9 \
    --retry 50 --retry-delay 0 --retry-connrefused "$site$base/graphql" -H 'content-type: application/json' -d "$@"
}

fail() {
  echo "$proxy: $1" >&2
  tail -n 20 "$scratch"/*.log >&2
  exit 1
}

check() {  # check [BASE]
  local answer headers token base=${1:-}
  answer=$(request '{"query":"mutation($i: RegisterInput!) { register(input: $i) { accessToken } }","variables":{"i":{"username":"'"$proxy"'","password":"correct horse battery"}}}')
  token=$(sed -n 's/.*"accessToken":"\([^"]*\)".*/\1/p' <<<"$answer")
  [ -n "$token" ] || fail "no sign-up: $answer"

  answer=$(request '{"query":"{ me { securityEvents { nodes { ipAddress } } } }"}' -H "authorization: Bearer $token" -H 'x-forwarded-for: 203.0.113.7')
  [[ $answer == *127.0.0.9* && $answer != *203.0.113.7* && $answer != *'"127.0.0.1"'* ]] || fail "wrong address of the client: $answer"

  headers=$(request '{"query":"mutation { login(input: {username: \"'"$proxy"'\", password: \"correct horse battery\", delivery: COOKIE}) { accessToken } }"}' \
    -o /dev/null -D - -H "origin: https://id.example.org")
  grep -qi "^set-cookie: __Secure-.*; path=$base/graphql; .*; secure" <<<"$headers" || fail "no secure cookie: $headers"
  grep -qi '^x-request-id: ' <<<"$headers" || fail "no request id: $headers"

  answer=$(head -c 70000 /dev/zero | tr '\0' ' ' | request @- -o /dev/null -w '%{http_code}')
  [ "$answer" = 413 ] || fail "a body above the limit is answered $answer"
  answer=$(curl --silent --cacert "$scratch/certificate.pem" --resolve "id.example.org:$https:127.0.0.1" "$site$base/.well-known/openid-configuration")
  [[ $answer == *"\"issuer\":\"$public_url\""* ]] || fail "wrong issuer: $answer"
  echo "$proxy: ok"
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=id.example.org \
  -addext subjectAltName=DNS:id.example.org -keyout "$scratch/key.pem" -out "$scratch/certificate.pem" 2>"$scratch/openssl.log"
chmod 644 "$scratch/key.pem"

run_nginx() {  # run_nginx NAME: with the site on standard input
  sed -e "s/443 ssl/127.0.0.1:$https ssl/; s/:4000/:$upstream/" \
    -e "s|/etc/ssl/id.example.org.pem|$scratch/certificate.pem|; s|/etc/ssl/id.example.org.key|$scratch/key.pem|" >"$scratch/site.conf"
  cat >"$scratch/nginx.conf" <<EOF
daemon off; pid $scratch/nginx.pid; error_log $scratch/nginx.log;
events {}
http { access_log off; client_body_temp_path $scratch; proxy_temp_path $scratch; fastcgi_temp_path $scratch; uwsgi_temp_path $scratch; scgi_temp_path $scratch; include $scratch/site.conf; }
EOF
  proxy=$1
  nginx -c "$scratch/nginx.conf" 2>>"$scratch/nginx.log" &
  proxy_pid=$!
  pids+=("$proxy_pid")
}

serve
run_nginx nginx < <(block nginx)
check
stop_proxy "$proxy_pid"

{
  echo "{ https_port $https; auto_https disable_redirects; admin off }" | sed 's/; /\n/g; s/{ /{\n/; s/ }/\n}/'
  block text | sed "s/:4000/:$upstream/; s|^}|  tls $scratch/certificate.pem $scratch/key.pem\n}|"
} >"$scratch/Caddyfile"
proxy=caddy
HOME=$scratch caddy run --config "$scratch/Caddyfile" --adapter caddyfile 2>"$scratch/caddy.log" &
pids+=($!)
check
stop_proxy $!

serve https://id.example.org 'client_address = "proxy-protocol"'
cat "$scratch/certificate.pem" "$scratch/key.pem" >"$scratch/both.pem"
{
  printf 'defaults\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n'
  block haproxy | sed "s|:443|127.0.0.1:$https|; s/:4000/:$upstream/; s|/etc/ssl/id.example.org.pem|$scratch/both.pem|"
} >"$scratch/haproxy.cfg"
proxy=haproxy
haproxy -db -f "$scratch/haproxy.cfg" >"$scratch/haproxy.log" 2>&1 &
pids+=($!)
check
stop_proxy $!

# Below a path: the proxy passes it on, or removes it.
serve https://id.example.org/auth
for slash in '' /; do
  location=$(block nginx 2 | sed "s|:4000;|:4000$slash;|")
  run_nginx "nginx-below${slash:+-removed}" \
    < <(block nginx | awk -v location="$location" '/location/ { print location; skip = 1 } !skip; /^  }/ { skip = 0 }')
  check /auth
  stop_proxy "$proxy_pid"
done
