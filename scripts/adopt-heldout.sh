#!/usr/bin/env bash
# How well `bulkhead adopt` guesses on IDLs that npm packages ship: fetches the packages that
# crates/adopt/tests/heldout/truth.json names, with their versions, and compares. Nothing of them is kept in the repository.
#   scripts/adopt-heldout.sh [FOLDER]   where packages and IDLs go (target/adopt-heldout)
set -euo pipefail
cd "$(dirname "$0")/.."
truth=crates/adopt/tests/heldout/truth.json
mkdir -p "${1:-target/adopt-heldout}"
dir=$(cd "${1:-target/adopt-heldout}" && pwd)

while read -r name package version file codama; do
  packed=$dir/${package//[@\/]/_}-$version.tgz
  if [ ! -s "$packed" ]; then
    echo "adopt-heldout: $package $version" >&2
    fetched=$(mktemp -d)
    (cd "$fetched" && npm pack --silent --ignore-scripts "$package@$version" >/dev/null)
    mv "$fetched"/*.tgz "$packed"
    rmdir "$fetched"
  fi
  case $file in
    *.json) tar -xzOf "$packed" "$file" >"$dir/$name.json" ;;
    *) tar -xzOf "$packed" "$file" | node scripts/idl-in-code.mjs "$name" >"$dir/$name.json" ;;
  esac
  # Packages ship Codama's form as code, not as a file: its own converter writes it.
  if [ "$codama" = true ]; then
    (cd app/client && node --input-type=module -e '
      import { readFileSync, writeFileSync } from "node:fs";
      import { rootNodeFromAnchor } from "@codama/nodes-from-anchor";
      const file = process.argv[1];
      writeFileSync(file, JSON.stringify(rootNodeFromAnchor(JSON.parse(readFileSync(file, "utf8")))));
    ' "$dir/$name.json")
  fi
done < <(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))
  .map((idl) => [idl.name, idl.package, idl.version, idl.file, idl.codama].join(" ")).join("\n")' "$truth")

BULKHEAD_HELDOUT=$dir cargo test --locked -p bulkhead-adopt --test heldout -- --ignored --nocapture
