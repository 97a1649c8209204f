#!/bin/sh
# Serves the API with docker compose, and says where.
set -eu
CDPATH='' cd "$(dirname "$0")/.."
deploy/make-env.sh

# setting NAME: its value for compose, which prefers the environment to .env.
setting() {
	printenv "$1" || LC_ALL=C awk -f deploy/env.awk .env | sed -n "s/^$1=//p" | tail -n 1
}

# It is a part of the URI that compose makes.
case $(setting MONGO_DB) in *[!A-Za-z0-9_-]*)
	echo "MONGO_DB must have only letters, digits, - and _." >&2
	exit 1
	;;
esac

# In their containers, Caddy and MongoDB can read mounted files only if everybody may,
# which is not so in every checkout.
frontend=$(setting FRONTEND_DIST)
frontend=${frontend:-./deploy/frontend}
if [ ! -d "$frontend" ]; then
	echo "FRONTEND_DIST must be a folder with an index.html, and $frontend is not one." >&2
	exit 1
fi
find deploy/Caddyfile deploy/mongo-init.js "$frontend/." -name '.?*' -prune -o ! -type l \
	\( ! -perm -004 -o -type d ! -perm -001 \) -exec chmod a+rX {} + || {
	echo "Make these readable for everybody: Caddy and MongoDB read them in containers." >&2
	exit 1
}

docker compose up --detach --build --wait || {
	echo "It did not become ready: make logs shows why." >&2
	exit 1
}

site=$(setting SITE_ADDRESS)
open=
case ${site:=:8080} in
:*)
	published=$(docker compose port caddy "${site#:}")
	case $published in 127.* | '[::1]'*) ;; *) open=yes ;; esac
	address=http://$(echo "$published" | sed 's/^0\.0\.0\.0:/127.0.0.1:/')
	;;
*://*) address=$site ;;
*) address=https://$site ;;
esac
printf '\n  address        %s\n  army number    %s\n  password       %s (of the first admin, until it is changed; also in .env)\n' \
	"$address" "$(setting ADMIN_ARMY_NUMBER)" "$(setting ADMIN_PASSWORD)"
[ -z "$open" ] || printf '\nNOTE: passwords cross the network unencrypted. %s\n' \
	"Set SITE_ADDRESS to a name for HTTPS, or PUBLISH_HTTP to 127.0.0.1:8080:8080."
