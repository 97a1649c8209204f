#!/bin/sh
# Writes .env from .env.example with fresh secrets, if there is none, and says what is
# wrong with one that is there.
set -eu
CDPATH='' cd "$(dirname "$0")/.."
if [ ! -e .env ]; then
	umask 077
	# Each "generate" becomes 32 random bytes in hex, the admin's password 8.
	tr -d '\r' <deploy/.env.example | while IFS= read -r line; do
		case $line in
		ADMIN_PASSWORD=generate) bytes=8 ;;
		*=generate) bytes=32 ;;
		*) printf '%s\n' "$line"; continue ;;
		esac
		printf '%s=%s\n' "${line%%=*}" "$(od -An -v -tx1 -N "$bytes" /dev/urandom | tr -d ' \n')"
	done >.env.part
	mv .env.part .env
	echo "Wrote .env with fresh secrets. Keep it: without it the data cannot be reached."
fi
LC_ALL=C awk -f deploy/env.awk .env >/dev/null
