#!/bin/sh
# step.sh NAME COMMAND...: runs a step of the tests, and prints one line when it
# has ended, with the time that it took. What the command prints is shown when it
# has failed, or what it prints of a test that again.sh tried again.
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
