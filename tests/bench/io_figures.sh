#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a request of 4 KiB to a virtio disk takes: the same bare guest (tests/bench/io) as a client of a
# control partition, and under KVM with the same server and back end (tests/bench/kvm), on the same
# emulated machine. Prints one table; ticks are emulated instructions, so the figures repeat. While a guest
# is halted, the thread of its virtual CPU polls as long as that pays (kvm, as it does by itself), or sleeps
# at once (kvm-sleep). Compare reads: Linux gives writes to a file to a thread of its own, for which the
# control partition has one CPU, and the KVM host two when the guest sleeps.
#
#   tests/bench/io_figures.sh [--json] [cloison] [kvm]      default: both columns
#
# Environment: BUILD, a build with the targets bootable and io_bench (default build/); REQUESTS of each phase
# (512); SERVERS, how the server waits ("poll wait"); RUN_DIR, where the runs are kept.
# Exit status: 0 when every run ended as it should with the data that was written.
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)
build=${BUILD:-$root/build}
requests=${REQUESTS:-512}
servers=${SERVERS:-poll wait}
here=$root/tests/bench
work=${RUN_DIR:-}
if [ -z "$work" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work"
# How Linux copies memory: the emulator counts each byte of a REP MOVSB as an instruction, and on the bare
# machine, whose IA32_MISC_ENABLE says nothing of fast strings, Linux does not use it.
copying=clearcpuid=297,112 # ERMS, REP_GOOD

fail() {
    echo "io_figures: $*" >&2
    exit 1
}

json=no columns=()
for word; do
    case $word in
    --json) json=yes ;;
    cloison | kvm) columns+=("$word") ;;
    *) fail "usage: io_figures.sh [--json] [cloison] [kvm]" ;;
    esac
done
[ ${#columns[@]} -gt 0 ] || columns=(cloison kvm)

[ -x "$build/bin/cloison" ] || fail "there is no $build/bin/cloison: build bootable and io_bench, or set BUILD"

# layout TEMPLATE NAME=VALUE...
layout() {
    local template=$1 script=() pair
    shift
    for pair in platform="$root/configs/platforms/bochs-4.xml" "$@"; do
        script+=(-e "s|@${pair%%=*}@|${pair#*=}|g")
    done
    sed "${script[@]}" "$template"
}

# run VERB LAYOUT FOLDER CONSOLE: boots, and checks that the guest got through.
run() {
    echo "io_figures: cloison $1 $(basename "$3"), which takes minutes" >&2
    "$build/bin/cloison" "$1" "$2" --json --keep --timeout 3600 --run-dir "$3" >"$3.json" 2>"$3.log" || true
    tr -d '\r' <"$3/$4.console" | grep -a '^@' >"$3.said" || fail "$3: the guest says nothing: $(tail -n 5 "$3.log")"
    if grep -aE '^@(check .* FAILED|run failed|guest failed)|^@guest done .*failed=[^0]' "$3.said" >&2; then fail "$3 failed"; fi
}

# A line "@what a=1 b=x" as {"a": 1, "b": "x"}.
fields='def fields: split(" ")[1:] | map(capture("(?<key>[^=]+)=(?<value>.*)") | .value = (.value | tonumber? // .)) | from_entries;'

kvm_column() {
    local module server pairs=() list=
    for module in irqbypass kvm kvm-intel; do
        pairs+=("$module=$root/.cache/guests/debian-cloud/modules/$module.ko")
    done
    for server in $servers; do
        list+=,$server-poll,$server-sleep
    done
    # KVM polls for 200 us before it lets a halted virtual CPU's thread sleep. That is meant for 3 GHz;
    # here a microsecond has 20 ticks.
    local halt_poll=30000000
    "$build/partitions/images/pack_initramfs" "$here/kvm/host/initramfs.list" "$work/initrd" "${pairs[@]}" \
        init="$build/tests/bench/kvm/bench_kvm_init" bench_kvm="$build/tests/bench/kvm/bench_kvm" \
        guest="$build/share/cloison/guests/tests/bench"
    layout "$here/kvm/host.xml.in" initrd="$work/initrd" words="$copying bench.runs=${list#,} bench.requests=$requests bench.halt-poll=$halt_poll" \
        >"$work/kvm.xml"
    run reference "$work/kvm.xml" "$work/kvm" host/host
    grep -q '^@run done' "$work/kvm.said" || fail "the KVM host did not get through"
    # KVM's own counters of a phase come behind the guest's lines, in their order.
    jq -Rn "$fields"'
        reduce inputs as $line ({run: {}, first: 0, phases: []};
            if $line | startswith("@run server=") then
                .run = ($line | fields | {server, column: (if .halted == "sleep" then "kvm-sleep" else "kvm" end)}) |
                .first = (.phases | length)
            elif $line | startswith("@bench ") then
                .phases += [.run + ($line | fields)]
            elif $line | startswith("@kvm ") then
                ($line | fields) as $counted |
                .phases[.first + $counted.phase - 1] += {kvm: $counted}
            else . end) | .phases' "$work/kvm.said"
}

# One boot for each way in which the server waits.
cloison_column() {
    local server words
    for server in $servers; do
        words=cloison.poll=no
        [ "$server" = wait ] || words=cloison.poll=yes
        layout "$here/io/served.xml.in" control-words="$copying $words" bench-words="requests=$requests" >"$work/$server.xml"
        run boot "$work/$server.xml" "$work/$server" bench
        jq -Rn "$fields"'[inputs | select(startswith("@bench ")) |
            {column: "cloison", server: "'"$server"'"} + fields]' "$work/$server.said"
    done | jq -s add
}

for column in "${columns[@]}"; do "${column}_column"; done | jq -s add >"$work/phases"
jq -e 'length > 0' "$work/phases" >/dev/null || fail "nothing was measured"

jq -f "$here/io_figures.jq" "$work/phases" >"$work/figures"
if [ $json = yes ]; then
    cat "$work/figures"
else
    jq -r '["column", "server", "wait", "name", "depth", "ticks", "guest", "outside", "transport", "kicks",
            "interrupts", "halts", "exits", "monitor", "of-kvm", "of-kvm-sleep"] as $columns |
        ($columns | @tsv), (.[] | [.[$columns[]] | . // "-"] | @tsv)' "$work/figures" | column -t
fi
