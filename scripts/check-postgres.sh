#!/usr/bin/env bash
# Runs the tests of the sentinel's shared state on a PostgreSQL server that lives as long as they do: no port, a socket in
# a temporary folder, nothing on this machine is touched.
#   scripts/check-postgres.sh                 those tests
#   scripts/check-postgres.sh --tests         those of every feature of the sentinel; or whatever else `cargo test` takes
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v initdb >/dev/null; then
  # Debian keeps the server's programs out of the path, by version.
  for folder in /usr/lib/postgresql/*/bin; do
    [ -x "$folder/initdb" ] && PATH=$folder:$PATH
  done
fi
command -v initdb >/dev/null || { echo "no PostgreSQL server is installed: scripts/setup.sh postgres, or apt-get install postgresql" >&2; exit 1; }

folder=$(mktemp -d /tmp/bulkhead-postgres.XXXXXX) # the path of a socket has to be short
# The server refuses to run as root.
as_user=()
if [ "$(id -u)" = 0 ]; then
  chown postgres "$folder"
  as_user=(runuser -u postgres --)
fi
stop() {
  (cd / && "${as_user[@]}" env PATH="$PATH" pg_ctl -D "$folder/data" -m immediate stop >/dev/null 2>&1) || true
  rm -rf "$folder"
}
trap stop EXIT
(
  cd /
  "${as_user[@]}" env PATH="$PATH" initdb -D "$folder/data" -A trust -U postgres --no-sync >/dev/null
  "${as_user[@]}" env PATH="$PATH" pg_ctl -D "$folder/data" -l "$folder/log" -w \
    -o "-k $folder -c listen_addresses='' -c fsync=off" start >/dev/null
) || { cat "$folder/log" >&2; exit 1; }

export BULKHEAD_TEST_POSTGRES="postgres://postgres@localhost/postgres?host=$folder"
[ $# -gt 0 ] || set -- --test sentinel_postgres
# One set of features for all of these tests: each other set would compile everything below it once more.
cargo test --locked -p bulkhead-sentinel-tests --features geyser,otel,postgres "$@"
