#!/bin/sh
# The life of an office in HTTP calls, against a running origin:
#
#   ADMIN_PASSWORD='the password that was shown' deploy/examples/office.sh
#
# BASE_URL and ADMIN_ARMY_NUMBER name another origin and another admin. It is office.http,
# step by step, and needs nothing but curl and sed; it removes what it creates. Each call
# names the status that it must get.
set -eu

API=${BASE_URL:-http://127.0.0.1:8080}
ADMIN=${ADMIN_ARMY_NUMBER:-ADMIN001}
PASSWORD=${ADMIN_PASSWORD:?set it to the password of the admin}
TOKEN=
MARK=$$ # tells this run's names from others
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# call STATUS METHOD PATH [BODY]: the answer goes to $answer.
call() {
	want=$1 method=$2 path=$3
	shift 3
	[ $# -eq 0 ] || set -- --header 'Content-Type: application/json' --data "$1"
	[ -z "$TOKEN" ] || set -- "$@" --header "Authorization: Bearer $TOKEN"
	got=$(curl --silent --show-error --output "$answer" --write-out '%{http_code}' --request "$method" "$@" "$API$path")
	printf '%s  %-6s %s\n     %.140s\n' "$got" "$method" "$path" "$(cat "$answer")"
	[ "$got" = "$want" ] || { echo "     wanted $want" >&2; exit 1; }
}

# field NAME: the first value of that name in the last answer.
field() { sed 's/.*"data":\(.*\)/\1/; s/"'"$1"'":"\([^"]*\)".*/\n\1/; s/.*\n//' "$answer" | head -n 1; }

step() { printf '\n# %s\n' "$1"; }

step "What is this?"
call 200 GET /

step "The admin logs in"
call 200 POST /auth/login '{"army_number":"'"$ADMIN"'","password":"'"$PASSWORD"'"}'
TOKEN=$(field token)
ADMIN_TOKEN=$TOKEN
call 200 GET /auth/me

step "He creates two databases, and corrects one"
call 201 POST /admin/dbs '{"name":"Northern Sector","short_code":"NORTH-'$MARK'","description":"Stations north of the river"}'
NORTH=$(field id)
call 201 POST /admin/dbs '{"name":"Southern Sector","short_code":"SOUTH-'$MARK'"}'
SOUTH=$(field id)
call 409 POST /admin/dbs '{"name":"Another","short_code":"north-'$MARK'"}'
call 200 PATCH "/admin/dbs/$NORTH" '{"description":"Stations north and east of the river"}'
call 200 GET "/admin/dbs?search=north-$MARK"

step "He creates a clerk who may see the north"
call 201 POST /admin/users '{"first_name":"Ada","last_name":"Obi","army_number":"CLERK-'$MARK'","password":"first password","allowed_dbs":["'"$NORTH"'"]}'
CLERK=$(field id)
call 200 GET "/admin/users?search=clerk-$MARK"
call 200 PATCH "/admin/users/$CLERK" '{"last_name":"Obi-Bello"}'
call 200 GET "/admin/users/$CLERK"

step "The clerk logs in, and chooses a password of her own"
TOKEN=
call 200 POST /auth/login '{"army_number":"CLERK-'$MARK'","password":"first password"}'
TOKEN=$(field token)
call 200 POST /auth/change-password '{"old_password":"first password","new_password":"a password of my own"}'
call 403 GET "/personnels/db/$SOUTH"
call 403 GET /admin/users

step "She adds somebody, and a whole list"
call 201 POST /personnels '{"first_name":"Ibrahim","last_name":"Musa","middle_name":"Sani","army_number":"80NA/72/10000","phone_number":"08006319839","rank":"Cpl","bank":{"name":"POLARIS BANK LIMITED","sort_code":"076151006"},"acct_number":"8118638423","sub_sector":"HQ Sector 1","location":"Kaduna","db_id":"'"$NORTH"'"}'
MUSA=$(field id)
ROW='{"first_name":"Grace","last_name":"Eze","army_number":"N/1","phone_number":"08030000001","rank":"LCpl","bank":{"name":"ECOBANK PLC","sort_code":"050150311"},"acct_number":"2200000001","sub_sector":"HQ Sector 2","db_id":"'"$NORTH"'"}'
SAME='{"first_name":"Ibrahim","last_name":"Musa","army_number":"80NA/72/10000","phone_number":"08006319839","rank":"Cpl","bank":{"name":"POLARIS BANK LIMITED","sort_code":"076151006"},"acct_number":"8118638423","sub_sector":"HQ Sector 1","db_id":"'"$NORTH"'"}'
call 207 POST /personnels/upload "[$ROW,$SAME]"
call 400 POST /personnels/upload "[$ROW]"

step "She finds, changes and counts"
call 200 GET "/personnels/db/$NORTH?search=musa+ibra&filter=active&page=1&limit=50"
call 200 PATCH "/personnels/$MUSA" '{"status":"posted","remark":"To 3 Division"}'
call 200 GET "/personnels/$MUSA"
call 200 GET "/personnels?db_id=$NORTH"
call 200 GET "/personnels/history/$MUSA"
call 200 GET "/personnels/db/$NORTH/changes?field=bank"
call 200 GET "/personnels/db/$NORTH/export?filter=posted"
call 200 GET "/personnels/db/$NORTH/schedule"
call 200 GET "/analytics/personnels/db/$NORTH"
call 200 GET "/analytics/personnels/db/$NORTH/breakdown?by=rank"
call 200 GET "/analytics/personnels/db/$NORTH/trend?months=3"
call 200 GET /analytics/dashboard

step "Before pay day: who would be paid wrongly, twice, or not at all?"
call 200 PATCH "/personnels/$MUSA" '{"acct_number":"2200000001"}'
call 200 GET "/personnels/checks?db_id=$NORTH"
call 200 GET "/personnels/checks?code=acct_shared&limit=50"
call 200 GET "/personnels/checks?code=new_payee&since=2026-01-01T00:00:00Z"

step "She deletes one record, and then several"
call 200 DELETE "/personnels/$MUSA"
call 404 GET "/personnels/$MUSA"
call 404 DELETE /personnels/bulk-delete '{"personnels_id":["'"$MUSA"'"]}'
call 200 GET "/personnels/db/$NORTH/trash"
call 200 POST "/personnels/restore/$MUSA"

step "The admin resets her password, which ends her session"
CLERK_TOKEN=$TOKEN TOKEN=$ADMIN_TOKEN
call 200 POST /admin/reset-password '{"user_id":"'"$CLERK"'","new_password":"second password"}'
TOKEN=$CLERK_TOKEN
call 401 GET /auth/me

step "He closes the office"
TOKEN=$ADMIN_TOKEN
call 200 DELETE "/admin/users/$CLERK"
call 200 DELETE "/admin/dbs/$SOUTH"
call 200 DELETE "/admin/dbs/$NORTH"

step "Is it healthy?"
TOKEN=
call 200 GET /healthz
call 200 GET /readyz
