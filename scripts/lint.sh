#!/usr/bin/env bash
# What must hold before any test runs: formatting, clippy over every target, documentation without broken links. Clippy
# analyses the metadata of 650 dependencies in a pass of its own: three to four minutes on two cores the first time,
# then only the changes. The documentation needs nothing more.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { echo "lint: $*" >&2; }

say "formatting"
cargo fmt --all --check
say "clippy over every target (3 to 4 minutes the first time, then 1 to 2)"
cargo clippy --quiet --locked --workspace --all-targets -- -D warnings
say "documentation (1 minute)"
RUSTDOCFLAGS="-D warnings" cargo doc --quiet --locked --workspace --no-deps
