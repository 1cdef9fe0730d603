#!/usr/bin/env bash
# Runs tests that are built, with the arguments of `swift test`; where any fail, says at the end what failed:
# the output of thousands of tests is long, and who reads it from its end should see the reason.
set -euo pipefail
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
status=0
swift test --skip-build "$@" 2>&1 | tee "$log" || status=$?
if [ "$status" -ne 0 ]; then
    printf '\n--- what failed ---\n'
    # The issue, and what the test says about it.
    grep -A 4 -E 'recorded an issue|error: |Fatal error|unexpected signal' "$log" | tail -n 200 || true
fi
exit "$status"
