#!/usr/bin/env bash
# One program, one id: checks that Anchor.toml, the program's declare_id! and, if present, the IDL agree.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0
differ() { echo "$*" >&2; failed=1; }
ids=$(sed -n '/^\[programs\.localnet\]/,/^\[/ s/^\([a-z_]*\) = "\(.*\)"/\1 \2/p' Anchor.toml)
for manifest in programs/*/Cargo.toml; do
  program=$(basename "$(dirname "$manifest")")
  name=${program//-/_}
  declared=$(grep -rhoP 'declare_id!\("\K[^"]+' "programs/$program/src" || true)
  written=$(awk -v name="$name" '$1 == name { print $2 }' <<<"$ids")
  [ -n "$declared" ] || differ "programs/$program declares no id"
  [ "$written" = "$declared" ] || differ "Anchor.toml: $name is \"$written\", the program declares \"$declared\""
  idl=idl/$name.json
  if [ -f "$idl" ] && ! grep -q "\"address\": \"$declared\"" "$idl"; then differ "$idl has another address than $declared"; fi
done
exit "$failed"
