#!/bin/sh
# Writes .env from .env.example with fresh secrets, if there is none.
set -eu
cd "$(dirname "$0")/.."
[ ! -e .env ] || exit 0
umask 077
# Each "generate" becomes 32 random bytes in hex, the admin's password 8.
while IFS= read -r line; do
	case $line in
	ADMIN_PASSWORD=generate) bytes=8 ;;
	*=generate) bytes=32 ;;
	*) printf '%s\n' "$line"; continue ;;
	esac
	printf '%s=%s\n' "${line%%=*}" "$(od -An -v -tx1 -N "$bytes" /dev/urandom | tr -d ' \n')"
done <deploy/.env.example >.env.part
mv .env.part .env
echo "Wrote .env with fresh secrets. Keep it: without it the data cannot be reached."
