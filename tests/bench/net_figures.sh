#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a network between two guests takes: round trips of one byte and a stream of 8 MiB by TCP, through the
# switch of a control partition that polls or waits. Beside it the same from the guest to itself. Ticks are
# emulated instructions, so the figures repeat.
#
#   tests/bench/net_figures.sh [--json]
#
# Environment: BUILD, a build with the target bootable (default build/); SERVERS, how the server waits
# ("poll wait"); RUN_DIR, where the runs are kept.
# Exit status: 0 when every run ended as it should.
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)
build=${BUILD:-$root/build}
work=${RUN_DIR:-}
if [ -z "$work" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work"
# As in io_figures.sh: the emulator counts each byte of a REP MOVSB.
copying=clearcpuid=297,112

fail() {
    echo "net_figures: $*" >&2
    exit 1
}

case ${1:-} in
'') json=no ;;
--json) json=yes ;;
*) fail "usage: net_figures.sh [--json]" ;;
esac
[ -x "$build/bin/cloison" ] || fail "there is no $build/bin/cloison: build bootable, or set BUILD"

# One boot: the lines "@guest measured a=1 b=x" of alpha as {"server": …, "a": 1, "b": "x"}.
measure() { # SERVER
    local polls=no folder=$work/$1
    [ "$1" = wait ] || polls=yes
    sed -e "s|@platform@|$root/configs/platforms/bochs-4.xml|" -e "s|@guest-words@|$copying|" \
        -e "s|@control-words@|cloison.poll=$polls|" "$root/tests/bench/net/net.xml.in" >"$folder.xml"
    echo "net_figures: cloison boot $1, which takes minutes" >&2
    "$build/bin/cloison" boot "$folder.xml" --json --keep --timeout 3600 --run-dir "$folder" >"$folder.json" 2>"$folder.log" ||
        fail "cloison boot: $(tail -n 3 "$folder.log")"
    tr -d '\r' <"$folder/alpha.console" | grep -a '^@guest measured ' |
        jq -Rn --arg server "$1" 'inputs | split(" ")[2:] | map(capture("(?<key>[^=]+)=(?<value>.*)") |
            .value = (.value | tonumber? // .)) | from_entries | {server: $server} + .'
}

for server in ${SERVERS:-poll wait}; do measure "$server"; done | jq -s . >"$work/figures"
jq -e 'length > 0' "$work/figures" >/dev/null || fail "nothing was measured"
if [ $json = yes ]; then
    cat "$work/figures"
else
    jq -r '["server", "path", "round-trip-ticks", "stream-ticks", "stream-bytes"] as $columns |
        ($columns | @tsv), (.[] | [.[$columns[]]] | @tsv)' "$work/figures" | column -t
fi
