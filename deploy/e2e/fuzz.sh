#!/bin/sh
# Tests the all-in-one against openapi.yaml with random data: starts it on an empty
# directory, and has schemathesis (installed into bin/schemathesis, from PyPI) call every
# operation as the admin. FUZZ_EXAMPLES is how many calls an operation gets, and FUZZ_SEED
# selects them.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD
venv=$root/bin/schemathesis
[ -x "$venv/bin/schemathesis" ] || { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet schemathesis==4.32.5; }

PORT=${PORT:-18079}
API=http://127.0.0.1:$PORT
data=$(mktemp -d)
HOST=127.0.0.1 PORT=$PORT DATA_DIR=$data ADMIN_PASSWORD='a password for this run' BCRYPT_COST=4 LOG_LEVEL=warn \
	"$root/bin/office-payment" >"$data/log" 2>&1 &
server=$!
trap 'kill $server; wait $server || true; rm -rf "$data"' EXIT
for _ in $(seq 100); do
	curl --silent --fail --output "$data/ready" $API/readyz && break
	sleep 0.1
done
token=$(curl --silent $API/auth/login --header 'Content-Type: application/json' \
	--data '{"army_number":"ADMIN001","password":"a password for this run"}' | sed 's/.*"token":"\([^"]*\)".*/\1/')

cd "$data" # where schemathesis may leave its files
# A reset of the admin's own password would end the token's session, so it comes last.
"$venv/bin/schemathesis" --config-file "$root/deploy/e2e/schemathesis.toml" run $API/openapi.yaml --url $API \
	--header "Authorization: Bearer $token" --checks all --continue-on-failure \
	--max-examples "${FUZZ_EXAMPLES:-50}" --seed "${FUZZ_SEED:-1}" --exclude-path /admin/reset-password
"$venv/bin/schemathesis" --config-file "$root/deploy/e2e/schemathesis.toml" run $API/openapi.yaml --url $API \
	--header "Authorization: Bearer $token" --checks all --continue-on-failure --phases examples,coverage,fuzzing \
	--max-examples "${FUZZ_EXAMPLES:-50}" --seed "${FUZZ_SEED:-1}" --include-path /admin/reset-password
