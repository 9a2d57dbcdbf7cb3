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
if (cd app/client && npm audit --audit-level=high --omit=dev); then :
elif npm --prefix app/client ping >/dev/null 2>&1 && (cd app/client && npm audit --json --omit=dev | grep -q auditReportVersion); then exit 1
else echo "NOT RUN: this registry has no advisories" >&2; fi
