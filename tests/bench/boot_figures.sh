#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Boots a layout under the firmware, then its guests one at a time on the bare machine, and prints what
# the firmware costs, in ticks, beside the limit that each figure has.
#
#   tests/bench/boot_figures.sh [LAYOUT]        default: configs/layouts/two-linux.xml
#
# Needs a build in build/ (scripts/demo.sh makes one), or CLOISON naming the command. Exit status: 0 when
# every figure is within its limit, 1 when one is not or a boot failed.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
cloison=${CLOISON:-$root/build/bin/cloison}
layout=${1:-$root/configs/layouts/two-linux.xml}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

[ -x "$cloison" ] || {
    echo "boot_figures: there is no $cloison: run scripts/demo.sh first, or set CLOISON" >&2
    exit 1
}

boot() { # VERB: its JSON, in $work/VERB.json
    echo "boot_figures: cloison $1, which takes minutes" >&2
    "$cloison" "$1" "$layout" --json --keep --timeout 1800 --run-dir "$work/$1" >"$work/$1.json" 2>"$work/$1.log" || {
        cat "$work/$1.log" "$work/$1.json" >&2
        exit 1
    }
}

boot boot
boot reference
log=$work/boot/firmware.log

# field KEY: its value in the log line on standard input
field() { tr -d '\r' | tr ' ' '\n' | sed -n "s/^$1=//p"; }
# value NAME KEY: of the first line of the firmware's log that begins with @NAME
value() { grep -m1 "^@$1 " "$log" | field "$2"; }
# partition VERB NAME FIELD
partition() { jq -r ".partitions[] | select(.name == \"$2\") | .[\"$3\"]" "$work/$1.json"; }

failed=0
row() { # FIGURE LIMIT MEASURED UNIT
    local verdict=ok
    if ! jq -ne "$3 <= $2" >/dev/null; then
        verdict=OVER
        failed=1
    fi
    printf '%-52s %12s %12s  %-6s %s\n' "$1" "$2" "$3" "$4" "$verdict"
}

printf '%-52s %12s %12s\n' figure limit measured
entry=$(value entry tsc)
while read -r line; do
    ticks=$(($(field tsc <<<"$line") - entry - $(field scrub <<<"$line")))
    row "firmware entry to $(field name <<<"$line")'s first instruction, no scrub" 20000000 $ticks ticks
done < <(grep '^@started ' "$log")

for name in $(jq -r '.partitions[].name' "$work/boot.json"); do
    with=$(($(partition boot "$name" init-tsc) - $(partition boot "$name" started-tsc)))
    without=$(($(partition reference "$name" init-tsc) - $(partition reference "$name" started-tsc)))
    row "$name: kernel entry to init / without firmware" 1.15 "$(jq -n "$with / $without * 10000 | round / 10000")" ratio
    printf '    %s ticks with, %s without, %s exits\n' "$with" "$without" "$(partition boot "$name" exits)"
done
row "firmware text" $((128 * 1024)) "$(value memory text)" bytes
row "firmware memory" $((4 * 1024 * 1024)) "$(value memory used)" bytes

shown=$("$cloison" show --json "$layout" | jq -r '.budget["firmware-uses"]')
[ "$shown" = "$(value memory used)" ] || {
    echo "firmware memory: show says $shown, the firmware $(value memory used)"
    failed=1
}
printf 'boot to table: %s ticks, %s s on this host\n' "$(jq .ticks "$work/boot.json")" "$(jq .seconds "$work/boot.json")"
exit $failed
