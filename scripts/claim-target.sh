#!/usr/bin/env bash
# Checkouts may share a target folder, so that dependencies are compiled once. Cargo names a workspace's own packages by
# their path inside it and compares times only, so after another checkout's build it takes that one's result for ours.
# The checkout that comes in makes its own sources newer than everything that was built.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-$HOME/.cache/bulkhead/target}
mkdir -p "$target"
if [ "$(cat "$target/.checkout" 2>/dev/null)" != "$PWD" ]; then
  find crates programs tests tools -type f -not -path '*/node_modules/*' -exec touch -c {} +
  echo "$PWD" >"$target/.checkout"
fi
