#!/usr/bin/env bash
# What has to freeze before anything is tested: formatting, clippy over every target, documentation without a broken link.
# Clippy looks at dependencies by their metadata, a pass of its own over 650 of them: three to four minutes on two cores the
# first time, then only what changed. The documentation needs nothing more.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { echo "lint: $*" >&2; }

say "formatting"
cargo fmt --all --check
say "clippy over every target (3 to 4 minutes the first time, then 1 to 2)"
cargo clippy --quiet --locked --workspace --all-targets -- -D warnings
say "documentation (1 minute)"
RUSTDOCFLAGS="-D warnings" cargo doc --quiet --locked --workspace --no-deps
