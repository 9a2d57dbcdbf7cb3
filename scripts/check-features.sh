#!/usr/bin/env bash
# Compiles every published crate as an integrator does: one crate at a time, so that features of other packages are not
# unified with its own, and with every set of its features. Excludes the program, which `make build` compiles by itself.
set -euo pipefail
cd "$(dirname "$0")/.."
hack=$(scripts/tool.sh cargo-hack)
check() {
  echo "features: $*" >&2
  "$hack" hack check --quiet --locked --feature-powerset "$@"
}
# Without default features and one at a time, as hosts link them.
for crate in guard cpi; do check -p "bulkhead-$crate"; done
# Packed, in hosts whose frameworks are small. `make check-hosts` has the others.
scripts/hosts.sh check copied-guard pinocchio-0.9 pinocchio-0.12
# Anchor's `idl-build` feature is only for building the IDL.
check -p bulkhead-interface --exclude-features idl-build
for crate in core snapshot calibrate client; do check -p "bulkhead-$crate"; done
