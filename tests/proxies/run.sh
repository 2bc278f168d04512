#!/usr/bin/env bash
# Runs the server behind the proxies of docs/src/guides/reverse-proxy.md, with the configurations that stand there: TLS, the
# client's address, the request ID, the `Secure` cookie and large bodies must be right behind each. Only ports, certificates and
# the data directory are changed.
set -euo pipefail
cd "$(dirname "$0")/../.."
guide=docs/src/guides/reverse-proxy.md
binary=$(realpath "${FIELDGUARD_TEST_BINARY:-target/release/fieldguard}")
upstream=14810 https=14811
site=https://id.example.org:$https

scratch=$(mktemp -d)
chmod 755 "$scratch"
pids=()
cleanup() {
  kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$scratch"
}
trap cleanup EXIT

block() {  # block LANGUAGE: the first block of the guide in this language
  awk -v start="^\`\`\`$1\$" '$0 ~ start { open = 1; next } open && /^```/ { exit } open' "$guide"
}

request() {  # request BODY [OPTION…]: from another address than the proxy's own
  curl --silent --show-error --cacert "$scratch/certificate.pem" --resolve "id.example.org:$https:127.0.0.1" --interface 127.0.0.9 \
    --retry 50 --retry-delay 0 --retry-connrefused "$site/graphql" -H 'content-type: application/json' -d "$@"
}

fail() {
  echo "$proxy: $1" >&2
  tail -n 20 "$scratch"/*.log >&2
  exit 1
}

check() {
  local answer headers token
  answer=$(request '{"query":"mutation($i: RegisterInput!) { register(input: $i) { accessToken } }","variables":{"i":{"username":"'"$proxy"'","password":"correct horse battery"}}}')
  token=$(sed -n 's/.*"accessToken":"\([^"]*\)".*/\1/p' <<<"$answer")
  [ -n "$token" ] || fail "no sign-up: $answer"

  answer=$(request '{"query":"{ me { securityEvents { nodes { ipAddress } } } }"}' -H "authorization: Bearer $token" -H 'x-forwarded-for: 203.0.113.7')
  [[ $answer == *127.0.0.9* && $answer != *203.0.113.7* && $answer != *'"127.0.0.1"'* ]] || fail "wrong address of the client: $answer"

  headers=$(request '{"query":"mutation { login(input: {username: \"'"$proxy"'\", password: \"correct horse battery\", delivery: COOKIE}) { accessToken } }"}' \
    -o /dev/null -D - -H "origin: https://id.example.org")
  grep -qi '^set-cookie: __Secure-.*; secure' <<<"$headers" || fail "no secure cookie: $headers"
  grep -qi '^x-request-id: ' <<<"$headers" || fail "no request id: $headers"

  answer=$(head -c 70000 /dev/zero | tr '\0' ' ' | request @- -o /dev/null -w '%{http_code}')
  [ "$answer" = 413 ] || fail "a body above the limit is answered $answer"
  answer=$(curl --silent --cacert "$scratch/certificate.pem" --resolve "id.example.org:$https:127.0.0.1" "$site/.well-known/openid-configuration")
  [[ $answer == *'"issuer":"https://id.example.org"'* ]] || fail "wrong issuer: $answer"
  echo "$proxy: ok"
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=id.example.org \
  -addext subjectAltName=DNS:id.example.org -keyout "$scratch/key.pem" -out "$scratch/certificate.pem" 2>"$scratch/openssl.log"
chmod 644 "$scratch/key.pem"

block toml | sed "s/:4000/:$upstream/" >"$scratch/fieldguard.toml"
"$binary" --config "$scratch/fieldguard.toml" --data-dir "$scratch/data" serve >"$scratch/server.log" 2>&1 &
pids+=($!)
curl --silent --retry 50 --retry-delay 0 --retry-connrefused -o /dev/null "http://127.0.0.1:$upstream/readyz"

block nginx | sed -e "s/443 ssl/127.0.0.1:$https ssl/; s/:4000/:$upstream/" \
  -e "s|/etc/ssl/id.example.org.pem|$scratch/certificate.pem|; s|/etc/ssl/id.example.org.key|$scratch/key.pem|" >"$scratch/site.conf"
cat >"$scratch/nginx.conf" <<EOF
daemon off; pid $scratch/nginx.pid; error_log $scratch/nginx.log;
events {}
http { access_log off; client_body_temp_path $scratch; proxy_temp_path $scratch; fastcgi_temp_path $scratch; uwsgi_temp_path $scratch; scgi_temp_path $scratch; include $scratch/site.conf; }
EOF
proxy=nginx
nginx -c "$scratch/nginx.conf" 2>>"$scratch/nginx.log" &
nginx_pid=$!
pids+=("$nginx_pid")
check
kill "$nginx_pid"
wait "$nginx_pid" || true

{
  echo "{ https_port $https; auto_https disable_redirects; admin off }" | sed 's/; /\n/g; s/{ /{\n/; s/ }/\n}/'
  block text | sed "s/:4000/:$upstream/; s|^}|  tls $scratch/certificate.pem $scratch/key.pem\n}|"
} >"$scratch/Caddyfile"
proxy=caddy
HOME=$scratch caddy run --config "$scratch/Caddyfile" --adapter caddyfile 2>"$scratch/caddy.log" &
pids+=($!)
check
