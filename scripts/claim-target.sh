#!/usr/bin/env bash
# Checkouts may share a target folder, so that dependencies are compiled once. Cargo names a workspace's own packages by
# their path inside it and compares only timestamps. So after another checkout's build, cargo takes that build's result
# for ours. To prevent this, the new checkout makes its own sources newer than all build results.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$HOME/.cache/bulkhead/target}
mkdir -p "$target"
if [ "$(cat "$target/.checkout" 2>/dev/null)" != "$PWD" ]; then
  find crates localnet programs tests tools -type f -not -path '*/node_modules/*' -exec touch -c {} +
  echo "$PWD" >"$target/.checkout"
fi
