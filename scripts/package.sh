#!/usr/bin/env bash
# Packs everything that would be published, crates and the npm package, and checks the result. Sends nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { echo "package: $*" >&2; }

# In publishing order: each crate after its dependencies.
crates=(guard interface core cpi client snapshot calibrate)
folders=(programs/bulkhead)
for crate in "${crates[@]}"; do folders+=("crates/$crate"); done
packages=(-p bulkhead)
for crate in "${crates[@]}"; do packages+=(-p "bulkhead-$crate"); done

# Cargo refuses a path dependency without a version. All are packed together, because they depend on each other and are
# on no registry yet.
say "crates: bulkhead ${crates[*]}"
cargo package --quiet --locked --no-verify --allow-dirty "${packages[@]}"
for folder in "${folders[@]}"; do
  manifest=$folder/Cargo.toml
  grep -q '^description = ' "$manifest" || { say "$folder has no description"; exit 1; }
  grep -q '^all-features = true' "$manifest" || { say "$folder: docs.rs would not show every feature"; exit 1; }
  # The README must contain an example that is a doc test of the crate.
  { grep -q '^```rust$' "$folder/README.md" && grep -q 'include_str!("../README.md")' "$folder/src/lib.rs"; } ||
    { say "$folder/README.md has no example that is tested"; exit 1; }
done

say "npm"
cd app/client
npm run --silent build
node scripts/check-package.mjs
