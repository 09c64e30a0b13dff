#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Boots a hostile driver beside an honest one that the same server serves: each of its lies costs the first
# its own disk, until a reset, and the second nothing.
#
# Usage: virtio.sh CLOISON LAYOUT FOLDER ATTACKER-CHECKS HONEST-CHECKS
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/attack/judge.sh
source "$here/judge.sh"

cloison=$1 layout=$2 folder=$3 attacker_checks=$4 honest_checks=$5

rm -rf "$folder"
mkdir -p "$folder"
"$cloison" boot --run-dir "$folder" --json --timeout 1500 "$layout" >"$folder/result.json" ||
    fail "cloison boot ended with status $?"

if grep -a -E '^@(panic|refuse|missing)' "$folder/firmware.log"; then
    fail "the firmware says so"
fi
expect_checks attacker "$folder" "$attacker_checks"
expect_checks honest "$folder" "$honest_checks"
refused=$(grep -a -c 'ioserver: attacker.disk0: queue 0 is broken: ' "$folder/control.console" || true)
# The attacker has checked that each of its 13 lies was found out. On the console one may be missing, if the
# shell sets up the terminal at that moment.
[[ $refused -ge 10 ]] || fail "the server told of $refused lies, not of 13"
if grep -a 'ioserver: honest' "$folder/control.console" | grep -a -v 'serving'; then
    fail "the server found something wrong with the honest driver"
fi
