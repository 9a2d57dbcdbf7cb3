#!/usr/bin/env bash
# Starts a localnet of its own and drives the console over it, from the theft to the last claim, twice in a row.
# Needs the programs, the command line, the localnet, Chromium and the packages: `make console-e2e` builds them.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
target=${CARGO_TARGET_DIR:-$HOME/.cache/bulkhead/target}
export LOCALNET=$target/localnet/debug/bulkhead-localnet BULKHEAD=$target/debug/bulkhead
export LOCALNET_DIR=$root/target/console-e2e
log=$root/target/console-e2e.log
node=

stop() { [ -z "$node" ] || { kill "$node" 2>/dev/null && wait "$node" || true; node=; }; }
trap stop EXIT
fail() { echo "console-e2e: $*; the node wrote $log" >&2; exit 1; }

for time in 1 2; do
  echo "console-e2e: incident $time of 2" >&2
  rm -rf "$LOCALNET_DIR"
  port=$((20000 + RANDOM % 20000))
  # No load: the prices and the deposits of others would move what is compared.
  "$LOCALNET" --dir "$LOCALNET_DIR" run --slot-time 100 --positions 60 --load 0 --rpc-port $port --ws-port $((port + 1)) >"$log" 2>&1 &
  node=$!
  for _ in $(seq 120); do
    [ ! -e "$LOCALNET_DIR/localnet.json" ] || break
    kill -0 "$node" 2>/dev/null || fail "the node did not start"
    sleep 1
  done
  [ -e "$LOCALNET_DIR/localnet.json" ] || fail "the sample was not set up in two minutes"
  (cd app/console && npm run --silent test:localnet) || fail "the console did not get to the claim"
  stop
done
