#!/usr/bin/env bash
# Checks every dependency: licences, bans, sources, and advisories if their databases are reachable. Not part of `make
# test`, because the tool takes ten minutes to compile. Required before a release.
set -euo pipefail
cd "$(dirname "$0")/.."
deny=$(scripts/tool.sh cargo-deny)
"$deny" --locked check licenses bans sources

echo "advisories of crates:" >&2
if ! "$deny" --locked fetch db; then echo "NOT RUN: the advisory database is not reachable from here" >&2
else "$deny" --locked check advisories; fi

echo "advisories of npm packages:" >&2
scripts/setup.sh client
# What is published must have none that matters at all; what only builds and tests it, none that is high.
audit() { # folder, the least severity, further arguments
  local folder=$1 level=$2
  shift 2
  if (cd "$folder" && npm audit --package-lock-only --audit-level="$level" "$@"); then return; fi
  if (cd "$folder" && npm audit --package-lock-only --json "$@" | grep -q auditReportVersion); then exit 1; fi
  echo "NOT RUN for $folder: this registry has no advisories" >&2
}
audit app/client moderate --omit=dev
audit app/client high
audit . high
