#!/usr/bin/env bash
# Installs what the build needs and this machine lacks. Takes milliseconds if nothing is missing.
#   scripts/setup.sh          Debian packages (build-sbf.sh installs the SBF toolchain)
#   scripts/setup.sh client   also what the TypeScript client needs, which no other target requires
#   scripts/setup.sh console  the same, what the console needs, and Chromium, in which it is tested
#   scripts/setup.sh contracts also what the contracts for EVM chains need: solc and an EVM, from npm
#   scripts/setup.sh site     also what builds the documentation as a site
#   scripts/setup.sh postgres also a PostgreSQL server, for the tests of a state that sentinels share
# Writes to standard error only.
set -euo pipefail
cd "$(dirname "$0")/.."
exec >&2
# The folders whose npm packages are wanted.
folders=()
case "${1:-}" in
  client) folders=(app/client) ;;
  console) folders=(app/client app/console) ;;
  contracts) folders=(contracts) ;;
  site) folders=(app/site) ;;
esac

wanted=()
need() { wanted+=("$1"); }
command -v cc >/dev/null || need build-essential
command -v perl >/dev/null || need perl
command -v pkg-config >/dev/null || need pkg-config
{ command -v pkg-config >/dev/null && pkg-config --exists openssl; } || need libssl-dev
if [ "${1:-}" = postgres ] && ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
  command -v initdb >/dev/null || need postgresql
fi
if [ "${1:-}" = console ] && ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null; then
  need chromium
fi
if [ ${#folders[@]} -gt 0 ] && ! command -v npm >/dev/null; then wanted+=(nodejs npm); fi
if [ ${#wanted[@]} -gt 0 ]; then
  echo "setup: installing ${wanted[*]} (apt, a minute)"
  command -v apt-get >/dev/null || { echo "no apt-get here: install the equivalents of: ${wanted[*]}"; exit 1; }
  as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "needs root or sudo to install: ${wanted[*]}"; exit 1; }
    as_root=(sudo -n)
  fi
  for attempt in 1 2; do # a mirror may fail once while it is being updated
    "${as_root[@]}" apt-get update -qq &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}" && break
    [ "$attempt" = 1 ] && sleep 5 || exit 1
  done
fi

command -v cargo >/dev/null || { echo "cargo is missing: install rustup, then run: make doctor"; exit 1; }
# The first call installs the toolchain that rust-toolchain.toml names: once, before parallel builds start.
cargo --version >/dev/null

scripts/claim-target.sh

# Runs npm ci only if the lock file changed.
for folder in "${folders[@]}"; do
  lock=$folder/package-lock.json installed=$folder/node_modules/.bulkhead-lock
  cmp -s "$lock" "$installed" && continue
  echo "setup: npm ci in $folder (half a minute)"
  (cd "$folder" && npm ci --no-audit --no-fund)
  cp "$lock" "$installed"
done
