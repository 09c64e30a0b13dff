#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages of packages.txt that are missing, then fetches the guests' kernel.
# Does nothing, and needs no network, where all is there already.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)

say() { echo "setup: $*"; }
fail() {
    echo "setup: $*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "this needs root, and there is no sudo here; as root, run: $*"
    fi
}

is_installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

command -v dpkg-query >/dev/null ||
    fail "this is not Debian: install the equivalents of the packages in scripts/packages.txt by hand"

missing=()
while read -r package _; do
    case $package in '' | '#'*) continue ;; esac
    is_installed "$package" || missing+=("$package")
done <"$here/packages.txt"

if [ ${#missing[@]} -eq 0 ]; then
    say "all packages are installed"
else
    say "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get update -q || fail "the package lists could not be updated (is there a network?)"
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "${missing[@]}" ||
        fail "these packages could not be installed: ${missing[*]}"
fi

"$here/fetch-guests.sh"
