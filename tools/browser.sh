#!/usr/bin/env bash
# A browser for the browser tests: Debian's chromium where we may install it, otherwise Playwright's own.
# Where neither can be had the tests skip themselves loudly, and fail when CI=true.
set -u
bin=$1
command -v chromium >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing chromium for the browser tests."
    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y chromium; } >/dev/null 2>&1 && exit 0
fi
"$bin/python" -m playwright install chromium >/dev/null 2>&1 && exit 0
echo "No browser could be installed: the browser tests will be skipped. On Debian or Ubuntu: sudo apt install chromium"
