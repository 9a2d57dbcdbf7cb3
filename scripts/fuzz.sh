#!/usr/bin/env bash
# Runs a target of tests/fuzz under libFuzzer with coverage guidance: scripts/fuzz.sh guard|layout|proof|manifest|entry
# [seconds]
# Findings stay in target/fuzz. Needs no nightly compiler: the flags below are those of `cargo fuzz --sanitizer none`.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:-guard} seconds=${2:-60}
triple=$(rustc -vV | sed -n 's/^host: //p')
corpus=target/fuzz/$target
mkdir -p "$corpus"
flags=(-Cpasses=sancov-module -Ccodegen-units=1 --cfg fuzzing)
for option in coverage-level=4 coverage-inline-8bit-counters coverage-pc-table coverage-trace-compares; do
  flags+=("-Cllvm-args=-sanitizer-$option")
done
echo "fuzz: compiling with coverage, in a separate target folder (5 minutes the first time)" >&2
RUSTFLAGS="${flags[*]}" cargo build --locked -p bulkhead-fuzz --bin fuzz --features libfuzzer --target "$triple"
BULKHEAD_FUZZ_TARGET=$target "$CARGO_TARGET_DIR/$triple/debug/fuzz" -max_total_time="$seconds" -max_len=512 \
  -artifact_prefix="$corpus/" "$corpus"
