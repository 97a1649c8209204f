#!/bin/sh
# step.sh NAME COMMAND...: runs a step of the tests, and prints one line at its end, with
# the time that it took. The output of the command is shown if it fails; otherwise only
# that of tests that again.sh tried again.
name=$1
shift
said=$(mktemp)
trap 'rm -f "$said"' EXIT
begin=$(date +%s)
"$@" >"$said" 2>&1
status=$?
took=$(($(date +%s) - begin))
if [ $status -ne 0 ]; then
	cat "$said"
	printf 'FAILED  %s  %d s\n' "$name" $took
else
	sed -n '/^--- FAIL/,/^once more: /p' "$said"
	printf 'ok  %4d s  %s\n' $took "$name"
fi
exit $status
