#!/usr/bin/env bash
# Installs what building needs and this machine lacks: Debian packages and the TypeScript client's dependencies. The SBF
# toolchain is installed by build-sbf.sh. Does nothing, in milliseconds, when all is there. Writes to standard error.
set -euo pipefail
cd "$(dirname "$0")/.."
exec >&2

wanted=()
need() { wanted+=("$1"); }
command -v cc >/dev/null || need build-essential
command -v perl >/dev/null || need perl
command -v pkg-config >/dev/null || need pkg-config
{ command -v pkg-config >/dev/null && pkg-config --exists openssl; } || need libssl-dev
if [ -f app/client/package.json ] && ! command -v npm >/dev/null; then wanted+=(nodejs npm); fi
if [ ${#wanted[@]} -gt 0 ]; then
  echo "installing ${wanted[*]} (apt)"
  command -v apt-get >/dev/null || { echo "no apt-get here: install the equivalents of: ${wanted[*]}"; exit 1; }
  as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "needs root or sudo to install: ${wanted[*]}"; exit 1; }
    as_root=(sudo -n)
  fi
  for attempt in 1 2; do # a mirror that is being updated answers on the second call
    "${as_root[@]}" apt-get update -qq &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}" && break
    [ "$attempt" = 1 ] && sleep 5 || exit 1
  done
fi

command -v cargo >/dev/null || { echo "cargo is missing: install rustup, then run: make doctor"; exit 1; }

scripts/claim-target.sh

# npm ci again only when the lock file changed.
client=app/client
if [ -f $client/package-lock.json ] && ! cmp -s $client/package-lock.json $client/node_modules/.bulkhead-lock; then
  (cd $client && npm ci --no-audit --no-fund)
  cp $client/package-lock.json $client/node_modules/.bulkhead-lock
fi
