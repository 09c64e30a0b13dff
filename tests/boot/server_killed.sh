#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Boots a layout and, while a client writes to its disks, kills the I/O server in its control partition,
# again and again, then resets the whole control partition: the server is started again, by its partition
# or with it, and the client notices nothing but a pause.
#
# Usage: server_killed.sh CLOISON LAYOUT FOLDER CLIENT
set -euo pipefail

cloison=$1 layout=$2 folder=$3 client=$4
kills=2

fail() {
    echo "failed: $*" >&2
    exit 1
}

# await CONSOLE COUNT PATTERN: until the console has said so that often.
await() {
    local count
    until count=$(grep -acE "$3" "$folder/$1.console") && ((count >= $2)); do
        kill -0 "$run" 2>/dev/null || fail "the run ended before $1 said $3: $(tail -n 5 "$folder/messages")"
        sleep 0.2
    done
}

rm -rf "$folder"
mkdir -p "$folder"
mkfifo "$folder/keys"
exec {keys}<>"$folder/keys"
touch "$folder/control.console" "$folder/$client.console"
"$cloison" boot --run-dir "$folder" --timeout 1700 --console control "$layout" \
    <&"$keys" >"$folder/terminal" 2>"$folder/messages" &
run=$!
trap 'kill "$run" 2>/dev/null || true' EXIT

for ((i = 1; i <= kills; ++i)); do
    await "$client" "$i" 'EXT4-fs \(vd.\): mounted' # it writes from now on
    # shellcheck disable=SC2016 # for the shell at the other end
    echo 'kill -9 $(pidof ioserver)' >&"$keys"
    await control "$i" '^@guest ioserver ended=signal-9'
done
await "$client" $((kills + 1)) 'EXT4-fs \(vd.\): mounted'
echo 'reboot -f' >&"$keys"
await control 2 '^@guest init '
grep -aq '^@stopped name=control reason=reset ' "$folder/firmware.log" ||
    fail "the firmware did not see the control partition reset itself"
wait "$run" || fail "cloison boot ended with status $?: $(tail -n 5 "$folder/messages" "$folder/terminal")"
for check in disk ports consoles; do
    grep -aq "^@guest served $check=ok" "$folder/$client.console" || fail "$client did not pass its check of $check"
done
