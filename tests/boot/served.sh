#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Boots a layout whose clients try what they are served, and looks at what each says it tried.
#
# Usage: served.sh CLOISON LAYOUT FOLDER [CLIENT CONSOLES CHECK...]...
#   the first CONSOLES served consoles of CLIENT must have spoken, and CHECK, "net=ok", be among what it
#   tried; "--" ends the checks of a client
set -euo pipefail

cloison=$1 layout=$2 folder=$3
shift 3

fail() {
    echo "failed: $*" >&2
    exit 1
}

rm -rf "$folder"
mkdir -p "$folder"
"$cloison" boot --run-dir "$folder" --timeout 1700 --json "$layout" >"$folder/result.json" ||
    fail "cloison boot ended with status $?: $(jq -r '.errors[]' "$folder/result.json")"

while [ $# -gt 0 ]; do
    client=$1 consoles=$2
    shift 2
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        jq -e --arg name "$client" --arg check "$1" \
            '.partitions[] | select(.name == $name) | .checks | any(split(" ")[0] == $check)' \
            "$folder/result.json" >/dev/null || fail "$client did not say $1"
        shift
    done
    shift || true # --
    for ((i = 0; i < consoles; ++i)); do
        tr -d '\r' <"$folder/$client.$i.console" | grep -qx "@guest console number=$i" ||
            fail "nothing came over console $client.$i"
    done
done
