#!/usr/bin/env bash
# Installs a cargo tool at the version that this checkout was checked with, and prints its path: scripts/tool.sh
# cargo-hack
# Installs into a cache, once per version. Writes only the path to standard output.
set -euo pipefail
tools=${BULKHEAD_TOOLS:-$HOME/.cache/bulkhead/tools}
case ${1:-} in
  cargo-deny) version=0.20.2 takes="about ten minutes" ;;
  cargo-hack) version=0.6.46 takes="under a minute" ;;
  cargo-mutants) version=27.1.0 takes="about three minutes" ;;
  *) echo "usage: scripts/tool.sh cargo-deny|cargo-hack|cargo-mutants" >&2; exit 1 ;;
esac
root=$tools/$1-$version
if [ ! -x "$root/bin/$1" ]; then
  echo "installing $1 $version ($takes, once)" >&2
  mkdir -p "$root"
  # A separate target folder: the workspace shares nothing with it.
  CARGO_TARGET_DIR=$root/build cargo install --quiet --locked --root "$root" "$1@$version" >&2
  rm -rf "$root/build"
fi
echo "$root/bin/$1"
