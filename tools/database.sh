#!/usr/bin/env bash
# PostgreSQL's programs for the tests of a gradebook on a server: Debian's package where we may install it.
# The tests start a server of their own from them; without them they skip themselves loudly, and fail when CI=true.
set -u
compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null && exit 0
command -v initdb >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing PostgreSQL for the tests."
    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y postgresql; } >/dev/null 2>&1 && exit 0
fi
echo "PostgreSQL could not be installed: the tests with a database server will be skipped. On Debian or Ubuntu: sudo apt install postgresql"
