# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What boot tests ask of a run folder. Each function names what it misses and ends the test.

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

# report_of GUEST FOLDER: the guest's own lines, without carriage returns.
report_of() {
    tr -d '\r' <"$2/$1.console" | grep -a '^@'
}

# expect_checks GUEST FOLDER COUNT: all checks were made, none failed, and the guest got to its end.
expect_checks() {
    local guest=$1 folder=$2 wanted=$3 bad passed
    [[ -s $folder/$guest.console ]] || fail "$guest said nothing"
    bad=$(report_of "$guest" "$folder" | grep -v -E '^@(guest|value|bench|check [^ ]+ ok of=[1-9][0-9]*$)' || true)
    [[ -z $bad ]] || fail "$guest: $bad"
    passed=$(report_of "$guest" "$folder" | grep -c '^@check [^ ]* ok ' || true)
    [[ $passed -eq $wanted ]] || fail "$guest passed $passed checks, not $wanted"
    [[ $(report_of "$guest" "$folder" | grep -c "^@guest done passed=$wanted failed=0\$") -eq 1 ]] ||
        fail "$guest did not get to its end"
}

# stopped_at GUEST FOLDER REASON: the TSC at which the partition stopped, once and for that reason.
stopped_at() {
    local lines
    lines=$(tr -d '\r' <"$2/firmware.log" | grep -a "^@stopped name=$1 ")
    [[ $lines == "@stopped name=$1 reason=$3 tsc="* && $lines != *$'\n'* ]] ||
        fail "$1 should have stopped once, reason $3: ${lines:-it did not}"
    lines=${lines#*tsc=}
    printf '%s\n' "${lines%% *}"
}

# expect_sound_firmware FOLDER: it ended by itself, after the last partition, and never lost its head.
expect_sound_firmware() {
    grep -a -q '^@halt' "$1/firmware.log" || fail "the firmware did not halt"
    if grep -a -E '^@(panic|refuse|missing)' "$1/firmware.log"; then
        fail "the firmware says so"
    fi
}
