#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the guest that observes sensitive instructions in a partition and on the bare machine: all that it
# observes must be the same.
#
# Usage: sensitive.sh CLOISON LAYOUT FOLDER CHECKS
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/attack/judge.sh
source "$here/judge.sh"

cloison=$1 layout=$2 folder=$3 checks=$4

rm -rf "$folder"
mkdir -p "$folder/partition" "$folder/bare"
"$cloison" boot --run-dir "$folder/partition" --json "$layout" >"$folder/partition/result.json" ||
    fail "cloison boot ended with status $?"
expect_sound_firmware "$folder/partition"
expect_checks sensitive "$folder/partition" "$checks"
stopped_at sensitive "$folder/partition" power-off >/dev/null

# Without the firmware the guest ends the emulator, which is no success to the command.
"$cloison" reference --run-dir "$folder/bare" --json "$layout" >"$folder/bare/result.json" || true
expect_checks sensitive "$folder/bare/sensitive" "$checks"

for machine in partition bare/sensitive; do
    report_of sensitive "$folder/$machine" | grep '^@value' >"$folder/$machine/values"
done
[[ $(wc -l <"$folder/bare/sensitive/values") -gt 100 ]] || fail "hardly anything was observed"
diff -u "$folder/bare/sensitive/values" "$folder/partition/values" ||
    fail "a partition behaves unlike the bare machine (-: bare, +: partition)"
