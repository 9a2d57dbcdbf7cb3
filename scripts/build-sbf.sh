#!/usr/bin/env bash
# Builds programs to SBPF v3: target/deploy/<name>.so of this checkout.
#   scripts/build-sbf.sh [folder of a program ...]     default: every package that is a cdylib
# Uses Solana's `cargo build-sbf` if it is installed (BULKHEAD_SBF=registry disables it), otherwise package registries
# only. Use the former for production deployments; docs/building.md explains why. Writes nothing to standard output.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
export SBF_HOME=${SBF_HOME:-$HOME/.cache/bulkhead/sbf}
deploy=$root/target/deploy
target_dir=${CARGO_TARGET_DIR:-$HOME/.cache/bulkhead/target}/sbf
# Two hosts of older generations run in the VM too, compiled against what would be published.
old_hosts=(tests/hosts/anchor-0.29 tests/hosts/solana-program-1.18)
[ $# -gt 0 ] || mapfile -t programs < <(grep -l '"cdylib"' programs/*/Cargo.toml tests/*/Cargo.toml | xargs -n 1 dirname)
[ $# -gt 0 ] || set -- "${programs[@]}" "${old_hosts[@]}"
case " $* " in *" tests/hosts/"*) scripts/hosts.sh pack ;; esac
mkdir -p "$deploy"
exec >&2
scripts/claim-target.sh

if [ "${BULKHEAD_SBF:-}" != registry ] && command -v cargo-build-sbf >/dev/null; then
  for program; do
    # The compiler of platform-tools is older than the workspace's minimum. Only host crates need that minimum, not the
    # programs.
    (cd "$program" && cargo build-sbf --arch v3 --sbf-out-dir "$deploy" -- --ignore-rust-version)
  done
  exit
fi

echo "sbf: ${*} (bulkhead 4 minutes the first time, the others half a minute; a second without changes)"
"$root/scripts/sbf/install.sh"
spec=$SBF_HOME/sbpf-solana-solana.json
cmp -s scripts/sbf/target-spec.json "$spec" || cp scripts/sbf/target-spec.json "$spec"
# A changed linker input changes the flags, so cargo links again.
i128=$SBF_HOME/i128-$(cksum <scripts/sbf/i128.ll | cut -d ' ' -f 1).ll
[ -f "$i128" ] || cp scripts/sbf/i128.ll "$i128"

# os=zkvm (in the specification) selects the only bare-metal back end of the standard library that compiles here. The
# cfg makes every Solana crate take its on-chain path.
# Library metadata in file names separates a program from the same package as another program's dependency with other
# features.
# Unaligned loads and stores, and no second inlining pass: a third of the size, two thirds of the compute units.
flags=(-Ctarget-cpu=v2 -Cpasses=lower-atomic -Zunstable-options -Cpanic=immediate-abort
  -Aexplicit_builtin_cfgs_in_flags --cfg 'target_os="solana"' "-Clink-arg=$i128"
  -Clink-arg=--cpu-features=+allows-misaligned-mem-access -Clink-arg=--llvm-args=--inline-threshold=5)
for program; do
  name=$(sed -n 's/^name = "\(.*\)"/\1/p' "$program/Cargo.toml" | head -n 1)
  # From its folder: a host of tests/hosts finds what it depends on by the settings there.
  (cd "$program" && env -u RUSTUP_TOOLCHAIN -u RUSTC_WRAPPER -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS -u CARGO_BUILD_TARGET \
    PATH="/usr/bin:$PATH" RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTC_BOOTSTRAP_SYNTHETIC_TARGET=1 \
    __CARGO_TESTS_ONLY_SRC_ROOT="$SBF_HOME/library" __CARGO_DEFAULT_LIB_METADATA=sbf \
    CARGO_TARGET_SBPF_SOLANA_SOLANA_LINKER="$SBF_HOME/link" \
    CARGO_TARGET_SBPF_SOLANA_SOLANA_RUSTFLAGS="${flags[*]}" \
    CARGO_TARGET_DIR="$target_dir" \
    /usr/bin/cargo build --lib --release -Zjson-target-spec --target "$spec" \
    -Zbuild-std=std -Zbuild-std-features=compiler-builtins-mem)
  built=$target_dir/sbpf-solana-solana/release/lib${name//-/_}.so
  deployed=$deploy/${name//-/_}.so
  cmp -s "$built" "$deployed" || cp "$built" "$deployed"
done
