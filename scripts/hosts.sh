#!/usr/bin/env bash
# Hosts of every generation, in tests/hosts: each is a program with a framework and a lock file of its own, and depends
# on the guard and the calls as they would be published.
#   scripts/hosts.sh pack               packs the two crates and unpacks them below tests/hosts/packed
#   scripts/hosts.sh check [host ...]   compiles hosts against what was packed, by default all
#   scripts/hosts.sh oldest             compiles the two crates, and their calls, with the oldest Rust they promise
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
hosts=$root/tests/hosts
target=${CARGO_TARGET_DIR:-$HOME/.cache/bulkhead/target}
tools=${BULKHEAD_TOOLS:-$HOME/.cache/bulkhead/tools}
crates=(bulkhead-guard bulkhead-cpi)
say() { echo "hosts: $*" >&2; }

# What did not change is left alone, so that nothing is compiled anew.
pack() {
  local version fresh crate
  version=$(sed -n 's/^version = "\(.*\)"/\1/p' crates/guard/Cargo.toml | head -n 1)
  cargo package --quiet --locked --no-verify --allow-dirty "${crates[@]/#/-p}"
  fresh=$(mktemp -d)
  mkdir -p "$hosts/packed"
  for crate in "${crates[@]}"; do
    tar -xzf "$target/package/$crate-$version.crate" -C "$fresh"
    if ! diff -rq "$fresh/$crate-$version" "$hosts/packed/$crate" >/dev/null 2>&1; then
      rm -rf "${hosts:?}/packed/$crate"
      cp -r "$fresh/$crate-$version" "$hosts/packed/$crate"
    fi
  done
  rm -rf "$fresh"
}

check() {
  local host
  [ $# -gt 0 ] || mapfile -t all < <(cd "$hosts" && printf '%s\n' *-*/ | tr -d /)
  [ $# -gt 0 ] || set -- "${all[@]}"
  pack
  for host; do
    say "$host"
    # From its folder: that is where cargo finds the packed crates.
    (cd "$hosts/$host" && cargo check --quiet --locked --target-dir "$target/hosts")
  done
}

# The oldest compiler is Debian 12's. It is unpacked, not installed.
oldest() {
  local version=1.63 rust=$tools/rustc-1.63 deb out
  if [ ! -f "$rust/ready" ]; then
    say "downloading rustc $version (Debian, half a minute)"
    rm -rf "$rust"
    mkdir -p "$rust/deb"
    (cd "$rust/deb" && apt-get download -qq -o APT::Sandbox::User=root "rustc=$version.*" "libstd-rust-$version" \
      "libstd-rust-dev=$version.*" libllvm14 libedit2 libbsd0 libxml2 libicu72 libz3-4 >&2) ||
      { say "this Debian release offers no rustc $version; run it on Debian 12"; exit 1; }
    for deb in "$rust"/deb/*.deb; do dpkg -x "$deb" "$rust"; done
    rm -rf "$rust/deb"
    touch "$rust/ready"
  fi
  pack
  out=$(mktemp -d)
  compile() {
    LD_LIBRARY_PATH=$(echo "$rust"/usr/lib/*-linux-gnu) "$rust/usr/bin/rustc" --edition 2021 --out-dir "$out" -L "$out" \
      -D warnings "$@"
  }
  say "guard and cpi with $(LD_LIBRARY_PATH=$(echo "$rust"/usr/lib/*-linux-gnu) "$rust/usr/bin/rustc" --version)"
  compile --crate-type rlib --crate-name bulkhead_guard "$hosts/packed/bulkhead-guard/src/lib.rs"
  compile --crate-type rlib --crate-name bulkhead_cpi --extern bulkhead_guard "$hosts/packed/bulkhead-cpi/src/lib.rs"
  # The calls are a macro: they are compiled where somebody says them.
  CARGO_MANIFEST_DIR=$root/crates/cpi compile --test --crate-name any_host --extern bulkhead_cpi \
    "$hosts/packed/bulkhead-cpi/tests/any_host.rs"
  LD_LIBRARY_PATH=$(echo "$rust"/usr/lib/*-linux-gnu) "$out/any_host" --quiet
  rm -rf "$out"
}

case ${1:-} in
  pack) pack ;;
  check) shift; check "$@" ;;
  oldest) oldest ;;
  *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
