#!/usr/bin/env bash
# Compiles what is published as an integrator does: one crate at a time, so that no feature of another package is united
# with its own, and with every set of its features. The program is left out: `make build` compiles it by itself.
set -euo pipefail
cd "$(dirname "$0")/.."
hack=$(scripts/tool.sh cargo-hack)
check() {
  echo "features: $*" >&2
  "$hack" hack check --quiet --locked --feature-powerset "$@"
}
# Without default features and without each other: what hosts link.
for crate in guard cpi; do check -p "bulkhead-$crate"; done
# `idl-build` is Anchor's, for the build of the IDL alone.
check -p bulkhead-interface --exclude-features idl-build
for crate in core snapshot calibrate client; do check -p "bulkhead-$crate"; done
