#!/usr/bin/env bash
# image-root.sh BINARY DIRECTORY: assembles the root file system of a container image, which holds nothing but the server, its
# libraries, the certificates for PostgreSQL over TLS, and an empty directory for data. No shell, no package manager.
set -euo pipefail
binary=$1 root=$2
user=65532

install -D -m 755 "$binary" "$root/fieldguard"
# The loader is listed by its path alone, the others after an arrow.
ldd "$binary" | awk '$2 == "=>" { print $3 } $1 ~ "^/" { print $1 }' | while read -r library; do
  install -D -m 755 "$library" "$root$library"
done
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
echo "fieldguard:x:$user:$user::/data:/fieldguard" | install -D -m 644 /dev/stdin "$root/etc/passwd"
echo "hosts: files dns" | install -m 644 /dev/stdin "$root/etc/nsswitch.conf"
install -d -m 700 -o "$user" -g "$user" "$root/data"
