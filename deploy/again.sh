#!/bin/sh
# again.sh go test FLAGS PACKAGES: runs the tests, and those that failed once
# more: for what looks at real times, on a machine that may be busy.
said=$(mktemp)
trap 'rm -f "$said"' EXIT
"$@" >"$said" 2>&1
status=$?
cat "$said"
failed=$(sed -n 's/^--- FAIL: \(Test[^ ]*\) .*/\1/p' "$said" | paste -sd '|' -)
[ -n "$failed" ] || exit $status
echo "once more: $failed"
"$@" -run="^($failed)\$"
