#!/usr/bin/env bash
# Installs the build tools of build-sbf.sh from package registries only (Debian's and Rust's), for machines that cannot
# download Solana's platform-tools. docs/building.md gives the reason for every piece. Everything except three Debian
# packages is in $SBF_HOME. Each piece has a ready mark with its version, so a second run does nothing and an
# interrupted run resumes.
set -euo pipefail
SBF_HOME=${SBF_HOME:-$HOME/.cache/bulkhead/sbf}
RUST=1.96 LLVM=23 LINKER=0.2.6
STD_EDITION=1 # raise when patch_std changes

say() { echo "sbf: $*" >&2; }
die() { say "$*"; exit 1; }
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo -n "$@"
  else die "needs root or sudo for: $*"; fi
}
twice() { "$@" || { sleep 5; "$@"; }; } # a mirror may fail once while it is being updated
ready() { [ "$(cat "$SBF_HOME/$1.ready" 2>/dev/null)" = "$2" ]; }
mark() { echo "$2" >"$SBF_HOME/$1.ready"; }

# A compiler with the source of its library. The toolchains of rustup lack the source on machines that reach only
# registries.
have_compiler() { /usr/bin/rustc --version 2>/dev/null | grep -q " $RUST\." && [ -d /usr/lib/rustlib/src/rust/library ] && [ -x /usr/bin/cargo ]; }
install_compiler() {
  have_compiler && return
  say "installing rustc $RUST with its library source (apt, a minute)"
  export DEBIAN_FRONTEND=noninteractive
  twice as_root apt-get update -qq >&2
  twice as_root apt-get install -y -qq --no-install-recommends "rustc-web=$RUST.*" "cargo-web=$RUST.*" "rust-web-src=$RUST.*" >&2 \
    || die "this Debian release offers no rustc-web $RUST; install Solana's platform-tools (cargo build-sbf) instead"
  have_compiler || die "/usr/bin/rustc is not version $RUST after the installation"
}

# The two edits that SBPF needs: an allocation alignment for the architecture, and hash keys without writable statics.
patch_std() {
  perl -0pi -e 's/(    target_arch = "riscv64",\n)/$1    target_arch = "bpf",\n/ == 1 or die "alignment"' sys/alloc/mod.rs
  perl -0pi -e '
    s/        thread_local!\(static KEYS.*?\n        \}\)\n    \}\n\}\n/        RandomState { k0: 0, k1: 0 }\n    }\n}\n/s == 1 or die "hash keys";
    s/^use crate::cell::Cell;\n//m == 1 or die "Cell";
    s/^use crate::sys::random::hashmap_random_keys;\n//m == 1 or die "keys"' hash/random.rs
}
install_std() {
  local version; version="$(/usr/bin/rustc --version) edition $STD_EDITION"
  ready library "$version" && return
  say "preparing the standard library"
  rm -rf "$SBF_HOME/library"
  cp -rL /usr/lib/rustlib/src/rust/library "$SBF_HOME/library"
  (cd "$SBF_HOME/library/std/src" && patch_std)
  mark library "$version"
}

# LLVM of Debian sid and the C library that it was built for, unpacked in a separate folder and not installed in the
# system.
install_llvm() {
  ready llvm "$LLVM" && return
  say "downloading LLVM $LLVM (half a minute)"
  local apt=$SBF_HOME/apt mirror deb opts
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1 || true)
  [ -n "$mirror" ] || { as_root apt-get update -qq >&2; mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1 || true); }
  [ -n "$mirror" ] || die "apt has no Debian mirror configured"
  rm -rf "$apt" "$SBF_HOME/llvm"
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$SBF_HOME/llvm"
  : >"$apt/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$apt/sources.list"
  opts=(-qq -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::Lists="$apt/lists"
    -o Dir::Cache="$apt/cache" -o Dir::State::status="$apt/status" -o Debug::NoLocking=1 -o APT::Install-Recommends=0
    -o APT::Sandbox::User=root)
  twice apt-get "${opts[@]}" update >&2
  twice apt-get "${opts[@]}" --download-only -y install "libllvm$LLVM" >&2
  for deb in "$apt"/cache/archives/*.deb; do dpkg -x "$deb" "$SBF_HOME/llvm"; done
  rm -rf "$apt"
  mark llvm "$LLVM"
}

# Compiles BPF bitcode to SBPF v3. It loads LLVM at run time, so it needs the loader and the C library unpacked above.
install_linker() {
  if ! ready linker "$LINKER"; then
    # Its work is done by LLVM, which is loaded as it is: optimising the rest takes longer than it ever gives back.
    say "building sbpf-linker $LINKER (a minute)"
    local cargo; cargo=$(command -v cargo || echo /usr/bin/cargo)
    CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
      CARGO_TARGET_DIR=$SBF_HOME/build "$cargo" install --locked --force --root "$SBF_HOME" "sbpf-linker@$LINKER" >&2
    rm -rf "$SBF_HOME/build"
    mark linker "$LINKER"
  fi
  local lib loader
  lib=$(echo "$SBF_HOME"/llvm/usr/lib/*-linux-gnu)
  loader=$(echo "$lib"/ld-linux-*.so.*)
  cat >"$SBF_HOME/link.new" <<LINK
#!/bin/sh
LD_LIBRARY_PATH=$lib exec $loader --library-path $lib $SBF_HOME/bin/sbpf-linker \\
  --llvm-args=--bpf-stack-size=4096 --allow-bpf-trap --deploy=false "\$@"
LINK
  chmod +x "$SBF_HOME/link.new" && mv "$SBF_HOME/link.new" "$SBF_HOME/link"
}

command -v apt-get >/dev/null && grep -qs '^ID=debian' /etc/os-release \
  || die "the registry-only build needs Debian; elsewhere install Solana's platform-tools (cargo build-sbf)"
mkdir -p "$SBF_HOME"
exec 9>"$SBF_HOME/.lock"
flock 9 # parallel builds install once
install_compiler
install_std
install_llvm
install_linker
