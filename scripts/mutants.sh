#!/usr/bin/env bash
# Mutates the rules one change at a time and runs core's tests on each mutant: scripts/mutants.sh [file ...]
# Without files: the acts and the rules they use. Prints how many of the mutants that compile are caught. Takes hours
# for everything and minutes for one file; MUTANTS_SHARD=0/12 takes every twelfth mutant. Fails if the score is below
# MUTANTS_LEAST per cent.
set -euo pipefail
cd "$(dirname "$0")/.."
least=${MUTANTS_LEAST:-0}
[ $# -gt 0 ] || set -- 'crates/core/src/*/acts.rs' 'crates/core/src/*/acts/*.rs' crates/core/src/{detectors/latch,proposals/veto,pause/confirmation,contagion/mod}.rs
files=()
for file; do files+=(-f "$file"); done
[ -z "${MUTANTS_SHARD:-}" ] || files+=(--shard "$MUTANTS_SHARD" --sharding round-robin)
mutants=$(scripts/tool.sh cargo-mutants)

out=target/mutants
mkdir -p "$out"
echo "mutants: $* (the unchanged tests are not run first: make test-quick does)" >&2
# Each mutant is compiled in a copy of the checkout with its own target folder. Missed mutants and timeouts are results,
# not failures of this script.
env -u CARGO_TARGET_DIR "$mutants" mutants -o "$out" --package bulkhead-core --baseline skip --timeout 150 "${files[@]}" ||
  [ $? = 2 ] || [ $? = 3 ]

count() { grep -c . "$out/mutants.out/$1.txt" || true; }
caught=$(count caught) missed=$(count missed) timeout=$(count timeout)
viable=$((caught + missed + timeout))
[ "$viable" -gt 0 ] || { echo "mutants: none of these files can be mutated" >&2; exit 1; }
# A mutant that hangs the tests counts as caught.
noticed=$((caught + timeout)) score=$(((caught + timeout) * 1000 / viable))
echo "mutants: $noticed of $viable caught ($timeout by the time limit), $((score / 10)).$((score % 10)) %; missed: $out/mutants.out/missed.txt"
[ "$score" -ge $((least * 10)) ]
