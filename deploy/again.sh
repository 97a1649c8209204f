#!/bin/sh
# again.sh go test FLAGS PACKAGES: runs the tests, and tries those that failed again: for
# tests that measure real time, on a machine that may be busy. It does not if a test
# program died, since some tests then did not run.
said=$(mktemp)
trap 'rm -f "$said"' EXIT
"$@" >"$said" 2>&1
status=$?
cat "$said"
failed=$(sed -n 's/^--- FAIL: \(Test[^ ]*\) .*/\1/p' "$said" | paste -sd '|' -)
[ -n "$failed" ] || exit $status
! grep -qE '^(panic|fatal error|signal): |^FAIL.*\[' "$said" || exit $status
echo "once more: $failed"
"$@" -run="^($failed)\$"
