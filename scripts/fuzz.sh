#!/usr/bin/env bash
# Runs a target of tests/fuzz under libFuzzer, guided by coverage: scripts/fuzz.sh guard|layout|proof|manifest|entry [seconds]
# What it finds stays in target/fuzz. No nightly compiler: the flags below are what `cargo fuzz --sanitizer none` passes.
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
echo "fuzz: compiling with coverage, apart from all else (5 minutes the first time)" >&2
RUSTFLAGS="${flags[*]}" cargo build --locked -p bulkhead-fuzz --bin fuzz --features libfuzzer --target "$triple"
BULKHEAD_FUZZ_TARGET=$target "$CARGO_TARGET_DIR/$triple/debug/fuzz" -max_total_time="$seconds" -max_len=512 \
  -artifact_prefix="$corpus/" "$corpus"
