#!/bin/sh
# again.sh go test FLAGS PACKAGES: runs the tests, and those that failed once
# more: for what looks at real times, on a machine that may be busy. After a program
# that has died there are tests that did not run.
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
