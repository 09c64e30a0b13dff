#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How the time of 'cloison check' grows with the number of partitions, on a platform of 4096 CPUs: two
# threads a core, eight NUMA nodes. Each partition has two profiles, a disk, a network and a workload.
#
#   tests/bench/layout_scale.sh [--json]
#
# Prints for each layout the least user time of five runs, the growth from one to the next beside that
# of n log n, and the peak memory. Exit status 1: a layout did not pass.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
cloison=$root/build/bin/cloison
[ -x "$cloison" ] || { echo "layout_scale.sh: build first: cmake --build --preset default" >&2; exit 1; }
format=${1:-text}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

write_platform() {
    echo '<platform name="scale" large-pages-1g="yes">'
    awk 'BEGIN { for (i = 0; i < 4096; ++i)
        printf "<processor apic-id=\"%d\" package=\"%d\" core=\"%d\" thread=\"%d\" node=\"%d\"/>\n",
               i, i / 512, i % 512 / 2, i % 2, i / 512
        for (n = 0; n < 8; ++n) printf "<node id=\"%d\"/>\n", n
        print "<ram base=\"1MiB\" size=\"3071MiB\"/>"
        for (n = 0; n < 8; ++n) printf "<ram base=\"%dGiB\" size=\"512GiB\" node=\"%d\"/>\n", 4 + 512 * n, n }'
    echo '<firmware base="2MiB" size="256MiB"/><staging base="1GiB" size="1GiB"/></platform>'
}

write_layout() { # PARTITIONS
    echo '<layout name="scale" platform="platform.xml">'
    awk -v count="$1" 'BEGIN {
        for (s = 0; s < (count + 27) / 28; ++s)
            printf "<switch name=\"lan-%d\" server=\"server-%d\" bandwidth=\"100Gbit/s\"/>\n", s, s
        for (i = 0; i < count; ++i)
            printf "<volume name=\"v%d\" server=\"server-%d\" size=\"8GiB\" backing=\"file:/v%d\" rate=\"1000/s\"/>\n",
                   i, i / 28, i
        boot = "<boot kind=\"linux\" kernel=\"guest:debian-cloud/vmlinuz\"/>"
        for (s = 0; s < (count + 27) / 28; ++s)
            printf "<partition name=\"server-%d\" role=\"io-server\"><processors mode=\"dedicated\" desired=\"2\"/><memory desired=\"512MiB\"/>%s</partition>\n", s, boot
        for (i = 0; i < count; ++i) {
            printf "<partition name=\"p%d\" role=\"client\">", i
            printf "<profile name=\"usual\" default=\"yes\"><processors mode=\"dedicated\" minimum=\"1\" desired=\"%d\"/>", 1 + i % 4
            printf "<memory minimum=\"256MiB\" desired=\"%dMiB\"/></profile>", 256 * (1 + i % 7)
            printf "<profile name=\"large\"><processors mode=\"dedicated\" desired=\"8\"/><memory desired=\"8GiB\"/></profile>"
            printf "<disk volume=\"v%d\"/><network switch=\"lan-%d\" vlan=\"%d\"/>%s", i, i / 28, 1 + i % 4000, boot
            printf "<workload><disk volume=\"v%d\" reads=\"500/s\"/></workload></partition>\n", i
        } }'
    echo '</layout>'
}

least_time() { # LAYOUT: milliseconds of user time, and KiB of memory
    for _ in 1 2 3 4 5; do
        /usr/bin/time -f '%U %M' -o "$work/time" "$cloison" check --for model "$1" >"$work/out" 2>&1 ||
            { tail -3 "$work/out" >&2; exit 1; }
        cat "$work/time"
    done | sort -n | head -1 | awk '{ print $1 * 1000, $2 }'
}

write_platform >"$work/platform.xml"
rows=
for count in 10 30 100 300 1000; do
    write_layout "$count" >"$work/$count.xml"
    rows+="$count $(least_time "$work/$count.xml")"$'\n'
done

if [ "$format" = --json ]; then
    printf '%s' "$rows" | jq -R -s 'split("\n") | map(select(. != "") | split(" ") | map(tonumber)
        | {partitions: .[0], milliseconds: .[1], kib: .[2]})'
else
    printf '%s' "$rows" | awk '
        BEGIN { printf "%10s %12s %10s %12s %10s\n", "PARTITIONS", "TIME", "GROWTH", "N LOG N", "MEMORY" }
        { printf "%10d %9d ms", $1, $2
          if (n) printf " %10.2f %12.2f", $2 / t, $1 * log($1) / (n * log(n)); else printf " %10s %12s", "", ""
          printf " %6d MiB\n", $3 / 1024; n = $1; t = $2 > 0 ? $2 : 1 }'
fi
