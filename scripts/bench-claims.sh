#!/usr/bin/env bash
# What it takes to pay every claim of CLAIMS positions in LEDGERS ledgers: an incident on a localnet of its own, up to the
# restorations, then `bulkhead claim --all` of each ledger. The first is killed once on the way and goes on. Prints
# transactions, slots, lamports, seconds and the most memory that the command used, and ends with an error unless what was
# paid and what the shares round down is what each pool got, to the unit. PARALLEL transactions are in flight at once.
# The first ledger is paid in full by what was evacuated; the others get a part of their claims from a treasury, so that
# shares have something to round. `make bench-claims` builds what this needs.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$HOME/.cache/bulkhead/target}
bulkhead=${BULKHEAD:-$CARGO_TARGET_DIR/debug/bulkhead}
localnet=${LOCALNET:-$CARGO_TARGET_DIR/localnet/debug/bulkhead-localnet}
programs=${PROGRAMS:-$root/target/deploy}
claims=${CLAIMS:-100000}
ledgers=${LEDGERS:-3}
positions=$(((claims + ledgers - 1) / ledgers))
kill_after=${KILL_AFTER:-20}
parallel=${PARALLEL:-128}
dir=$(mktemp -d)
log=$dir/node.log
node=

stop() {
  [ -z "$node" ] || { kill "$node" 2>/dev/null && wait "$node" || true; }
  rm -rf "$dir"
}
trap stop EXIT
fail() { echo "bench-claims: $*" >&2; tail -5 "$log" >&2; exit 1; }

port=$((20000 + RANDOM % 20000))
"$localnet" --dir "$dir/net" run --programs "$programs" --slot-time 400 --positions "$positions" --ledgers "$ledgers" \
  --rpc-port $port --ws-port $((port + 1)) >"$log" 2>&1 &
node=$!
for _ in $(seq 600); do
  [ ! -e "$dir/net/localnet.json" ] || break
  kill -0 "$node" 2>/dev/null || fail "the node did not start"
  sleep 1
done
cd "$dir/net" || fail "the sample was not set up in ten minutes"

b() { "$bulkhead" -C config.yml --yes "$@"; }
quiet() { b "$@" >"$dir/last" 2>&1 || { cat "$dir/last" >&2; fail "bulkhead $* failed"; }; }
warp() { "$localnet" --dir "$dir/net" warp --seconds "$1" >/dev/null; }
# One number of the node: its slot, or the lamports of the payer.
ask() {
  node -e "
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: '$1', params: $2 });
    fetch('http://127.0.0.1:$port', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      .then((answer) => answer.json())
      .then(({ result }) => console.log(result.value ?? result));"
}
slot() { ask getSlot '[{ "commitment": "confirmed" }]'; }
payer=$(node -e "
  const { createPublicKey, createPrivateKey } = require('crypto');
  const [, file] = /keypair_path: *[\"']?([^\"'\n]+)/.exec(require('fs').readFileSync('config.yml', 'utf8'));
  const key = JSON.parse(require('fs').readFileSync(file));
  const digits = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
  let [number, text] = [BigInt('0x' + Buffer.from(key.slice(32)).toString('hex')), ''];
  for (; number > 0n; number /= 58n) text = digits[Number(number % 58n)] + text;
  console.log(text);")
lamports() { ask getBalance "[\"$payer\", { \"commitment\": \"confirmed\" }]"; }

each() { for ledger in $(seq 0 $((ledgers - 1))); do "$@" --ledger-index "$ledger"; done; }
echo "bench-claims: an incident with $positions positions in each of $ledgers ledgers" >&2
"$localnet" --dir "$dir/net" attack >/dev/null
quiet trip
for member in 0 1; do quiet confirm -k keys/member-$member.json; done
each quiet snapshot crank
for member in 0 1; do quiet evacuate confirm -k keys/member-$member.json; done
quiet evacuate run
each quiet ballot run
quiet vote 0 --amount 600000000000 -k keys/voter-0.json
quiet vote 0 --amount 300000000000 -k keys/voter-1.json
warp 86400
each quiet ballot run
for voter in 0 1; do each quiet vote 0 -k keys/voter-$voter.json; done
warp 3600
for member in 0 1; do each quiet restore -k keys/member-$member.json; done
warp 3600
quiet restore
for ledger in $(seq 1 $((ledgers - 1))); do
  # The proposal is executed; nothing is there to share out yet. No whole number of units for each unit of a claim.
  b restore --ledger-index "$ledger" >"$dir/last" 2>&1 || true
  quiet fund $((positions * 1000003 + 7)) -k keys/payer.json --ledger-index "$ledger"
  quiet restore --ledger-index "$ledger"
done

# The most memory that a run used, in KiB, while it runs.
peak() {
  local most=0 now
  while now=$(awk '/^VmHWM/ {print $2}' "/proc/$1/status" 2>/dev/null) && [ -n "$now" ]; do
    most=$now
    sleep 0.2
  done
  echo "$most"
}
begin=$(slot); first=$SECONDS; before=$(lamports); most=0
for ledger in $(seq 0 $((ledgers - 1))); do
  echo "bench-claims: ledger $ledger"
  pay=("$bulkhead" -C config.yml --yes claim --all --ledger-index "$ledger" --parallel "$parallel" --output json)
  b claim --all --ledger-index "$ledger" --parallel "$parallel" --dry-run
  slots=$(slot); seconds=$SECONDS
  if [ "$kill_after" -gt 0 ] && [ "$ledger" = 0 ]; then
    "${pay[@]}" >/dev/null 2>&1 &
    run=$!
    sleep "$kill_after"
    kill -9 $run 2>/dev/null && echo "killed after $kill_after s"
    wait $run 2>/dev/null || true
  fi
  "${pay[@]}" >"$dir/claims.json" 2>"$dir/claims.err" &
  run=$!
  memory=$(peak $run)
  [ "$memory" -le "$most" ] || most=$memory
  wait $run || { cat "$dir/claims.err" >&2; fail "the claims stopped"; }
  node -e "
    const { claims, paid_claims, unpaid, restoration, sent } = JSON.parse(require('fs').readFileSync('$dir/claims.json'));
    const { total, shared, paid, left, dust, pool } = restoration;
    console.log('claims      ', claims);
    console.log('paid by the last run', paid_claims, 'in', sent.signatures.length, 'transactions');
    console.log('fees of it  ', sent.fee_lamports, 'lamports');
    console.log('unpaid      ', unpaid.length);
    console.log('paid        ', paid, '+ dust', dust, '= shared out', shared, 'of claims of', total);
    const isWhole = BigInt(paid) + BigInt(dust) === BigInt(shared) && BigInt(pool) >= BigInt(dust) && left === '0';
    if (unpaid.length > 0 || !isWhole) {
      console.error('left', left, 'and the pool holds', pool);
      process.exit(1);
    }" || fail "the sums do not agree"
  echo "slots        $(($(slot) - slots))"
  echo "seconds      $((SECONDS - seconds))"
  again=$("${pay[@]}" | node -p "JSON.parse(require('fs').readFileSync(0, 'utf8')).sent.signatures.length")
  [ "$again" = 0 ] || fail "a further run sent $again transactions"
done
echo "bench-claims: all ledgers"
echo "slots        $(($(slot) - begin))"
echo "seconds      $((SECONDS - first))"
echo "lamports     $((before - $(lamports))): fees, and rent of pages and token accounts"
echo "memory       $((most / 1024)) MiB at most, of the command"
