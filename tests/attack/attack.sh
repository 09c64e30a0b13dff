#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Boots an attacker beside a witness and judges what the two and the firmware say.
#
# Usage: attack.sh CLOISON LAYOUT FOLDER REASON ATTACKER-CHECKS WITNESS-CHECKS
#   REASON: why the attacker's partition must stop. The witness must power off after that.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/attack/judge.sh
source "$here/judge.sh"

cloison=$1 layout=$2 folder=$3 reason=$4 attacker_checks=$5 witness_checks=$6

rm -rf "$folder"
mkdir -p "$folder"
status=0
"$cloison" boot --run-dir "$folder" --json "$layout" >"$folder/result.json" || status=$?

expect_sound_firmware "$folder"
expect_checks attacker "$folder" "$attacker_checks"
expect_checks witness "$folder" "$witness_checks"
attacker_end=$(stopped_at attacker "$folder" "$reason")
witness_end=$(stopped_at witness "$folder" power-off)
((witness_end > attacker_end)) ||
    fail "the witness ended at $witness_end, before the attacker at $attacker_end: let it observe longer"

# The command's own verdict: a success only where all powered off.
wanted_status=$([[ $reason == power-off ]] && echo 0 || echo 1)
[[ $status -eq $wanted_status ]] || fail "cloison boot ended with status $status, not $wanted_status"
