#!/usr/bin/env bash
# Reports what this machine has and what is missing, and installs nothing. Exit code 0: `make build` can run, and
# installs missing parts itself.
set -uo pipefail
cd "$(dirname "$0")/.."
SBF_HOME=${SBF_HOME:-$HOME/.cache/bulkhead/sbf}
blocked=0

row() { printf '%-8s %-18s %s\n' "$@"; }
have() { row ok "$1" "$2"; }
later() { row later "$1" "$2"; }       # make setup installs it
missing() { row MISSING "$1" "$2"; blocked=1; }
can_install() { command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; }
by_apt() { if can_install; then later "$1" "make setup installs it (apt: $2)"; else missing "$1" "install the packages: $2"; fi; }

channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
if ! command -v cargo >/dev/null; then missing rust "install rustup, then: rustup toolchain install $channel"
elif version=$(rustc --version 2>/dev/null); then have rust "$version"
else missing rust "rustup toolchain install $channel --component clippy,rustfmt"; fi

for tool in cc pkg-config:pkg-config perl git; do
  if command -v "${tool%%:*}" >/dev/null; then have "${tool%%:*}" "$(command -v "${tool%%:*}")"
  else case $tool in cc) by_apt cc build-essential ;; *) by_apt "${tool%%:*}" "${tool##*:}" ;; esac; fi
done
if pkg-config --exists openssl 2>/dev/null; then have openssl "$(pkg-config --modversion openssl)"; else by_apt openssl libssl-dev; fi

if command -v cargo-build-sbf >/dev/null; then have sbf "$(cargo build-sbf --version 2>/dev/null | head -n 1)"
elif [ -x "$SBF_HOME/link" ]; then have sbf "registry-only toolchain in $SBF_HOME"
elif grep -qs '^ID=debian' /etc/os-release && can_install; then later sbf "make build installs the registry-only toolchain (about 4 minutes)"
else missing sbf "install Solana's platform-tools (cargo build-sbf), or use Debian as root or with sudo"; fi

if [ -f app/client/package.json ]; then
  if command -v npm >/dev/null; then have node "$(node --version)"; else by_apt node "nodejs npm"; fi
  if [ -d app/client/node_modules ]; then have client "app/client/node_modules"; else later client "make check-client runs npm ci"; fi
fi
if [ -f app/console/package.json ]; then
  if command -v chromium >/dev/null; then have chromium "$(command -v chromium)"; else by_apt chromium chromium; fi
fi
if command -v anchor >/dev/null; then have anchor "$(anchor --version)"; else have anchor "not installed, not needed"; fi
exit "$blocked"
