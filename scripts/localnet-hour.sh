#!/usr/bin/env bash
# Runs what docs/localnet.md tells a newcomer to type, against a localnet of its own, and looks at how it ends. Then the
# TypeScript client goes the same way on a second one, and what it reports is compared with what the command line reads.
# Needs the programs, the command line, the localnet and the client's packages: `make check-localnet` builds them.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$HOME/.cache/bulkhead/target}
bulkhead=$CARGO_TARGET_DIR/debug/bulkhead
localnet=$CARGO_TARGET_DIR/localnet/debug/bulkhead-localnet
export LOCALNET_DIR=$root/target/localnet-hour
log=$root/target/localnet-hour.log
node=

stop() { [ -z "$node" ] || { kill "$node" 2>/dev/null && wait "$node" || true; node=; }; }
trap stop EXIT
fail() { echo "hour: $*; the node wrote $log" >&2; exit 1; }

start() {
  stop
  cd "$root"
  rm -rf "$LOCALNET_DIR"
  port=$((20000 + RANDOM % 20000))
  "$localnet" --dir "$LOCALNET_DIR" run --slot-time 100 --rpc-port $port --ws-port $((port + 1)) >"$log" 2>&1 &
  node=$!
  for _ in $(seq 120); do
    [ ! -e "$LOCALNET_DIR/localnet.json" ] || { cd "$LOCALNET_DIR"; return; }
    kill -0 "$node" 2>/dev/null || fail "the node did not start"
    sleep 1
  done
  fail "the sample was not set up in two minutes"
}

b() { "$bulkhead" -C config.yml --yes "$@"; }
# A field of the status, as an expression on its JSON.
said() { b status --output json | node -e "
  const status = JSON.parse(require('fs').readFileSync(0, 'utf8'));
  console.log($1);"; }

echo "hour: the page's commands" >&2
start
# The section's code blocks, without what stands in the first terminal and what sets the second one up.
section() { sed -n '/^## The first hour/,/^## Other attacks/p' "$root/docs/localnet.md"; }
mapfile -t commands < <(section | awk '/^```/ {inside = !inside; next} inside' |
  grep -vE '^(make localnet$|cd |alias )' | sed 's/ \{2,\}#.*//; s/ # .*//')
[ ${#commands[@]} -ge 25 ] || fail "the page has only ${#commands[@]} commands"
for command in "${commands[@]}"; do
  echo "\$ $command"
  eval "$command" || fail "\`$command\` failed"
done
[ "$(said 'status.phase')" = operating ] || fail "the domain does not operate at the end"

echo "hour: the same from TypeScript" >&2
start
"$localnet" --dir "$LOCALNET_DIR" attack >/dev/null
keys=$LOCALNET_DIR/keys
domain=$(node -p "require('$LOCALNET_DIR/localnet.json').domain")
url=$(node -p "require('$LOCALNET_DIR/localnet.json').url")
(cd "$root/app/client" && npx tsx examples/incident.ts --rpc "$url" --domain "$domain" --payer "$keys/payer.json" \
  --member "$keys/member-0.json" --member "$keys/member-1.json" \
  --voter "$keys/voter-0.json" --voter "$keys/voter-1.json" --warp) >"$LOCALNET_DIR/typescript.json"
root_of_rust=$(b snapshot show --output json | node -p "JSON.parse(require('fs').readFileSync(0, 'utf8')).root")
grep -q "$root_of_rust" "$LOCALNET_DIR/typescript.json" || fail "TypeScript sealed another root than $root_of_rust"
[ "$(said 'status.phase')" = operating ] || fail "TypeScript did not reopen the domain"
echo "hour: both ways end with a domain that operates" >&2
