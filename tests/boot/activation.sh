#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Boots layouts/activation.xml: `last` and `other` begin to start once `first` has started, at one time.
#
# Usage: activation.sh CLOISON LAYOUT FOLDER
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/attack/judge.sh
source "$here/../attack/judge.sh"

cloison=$1 layout=$2 folder=$3

# times_of NAME: the ticks between which the partition was started, begin of the scrubbing and end.
times_of() {
    local line
    line=$(tr -d '\r' <"$folder/firmware.log" | grep -a "^@started name=$1 ")
    [[ $line =~ ^@started\ name=$1\ tsc=([0-9]+)\ scrub=([0-9]+)\ load=([0-9]+)$ ]] ||
        fail "$1 should have started once: ${line:-it did not}"
    printf '%s %s\n' "$((BASH_REMATCH[1] - BASH_REMATCH[2] - BASH_REMATCH[3]))" "${BASH_REMATCH[1]}"
}

rm -rf "$folder"
mkdir -p "$folder"
"$cloison" boot --run-dir "$folder" --json "$layout" >"$folder/result.json" ||
    fail "cloison boot ended with status $?"
expect_sound_firmware "$folder"
for partition in first last other; do
    expect_checks "$partition" "$folder" 6
    stopped_at "$partition" "$folder" power-off >/dev/null
done

times=$(times_of first) && read -r _ first_end <<<"$times"
times=$(times_of last) && read -r last_begin last_end <<<"$times"
times=$(times_of other) && read -r other_begin other_end <<<"$times"
((last_begin > first_end)) || fail "last began at $last_begin, before first had started at $first_end"
((other_begin > first_end)) || fail "other began at $other_begin, before first had started at $first_end"
((last_begin < other_end && other_begin < last_end)) ||
    fail "last ($last_begin to $last_end) and other ($other_begin to $other_end) did not start at one time"
