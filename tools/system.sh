#!/bin/sh
# The two programs that pip cannot bring: bubblewrap (the jail) and chromium (the tests that look at pages).
# Installed where we may, else named with the line to type. Never stops the set-up: what needs one says so itself.
missing=
command -v bwrap >/dev/null 2>&1 || missing="$missing bubblewrap"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing$missing"
    { apt-get install -y -qq $missing || { apt-get update -qq && apt-get install -y -qq $missing; }; } >/dev/null 2>&1 ||
        echo "Could not install$missing. Type:  apt-get update && apt-get install$missing"
else
    echo "Missing:$missing. Ask who runs this machine to type, on Debian or Ubuntu:  sudo apt-get install$missing"
fi
exit 0
