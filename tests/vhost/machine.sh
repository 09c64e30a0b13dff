#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests, servers and what they say: the vocabulary of the tests beside it. To be sourced, with the
# paths of IOSERVER, PACK, INIT and ROOT set and a folder of its own as the current one.

children=()
# Whatever happens, nothing stays behind.
clean_up() {
    [ ${#children[@]} -eq 0 ] || kill -9 "${children[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
}
trap clean_up EXIT

fail() {
    echo "failed: $*" >&2
    tail -n 20 ./*.console ./*.log >&2 || true
    exit 1
}

# The initramfs of the test guests, with the modules that scripts/fetch-guests.sh fetched.
pack_guest() {
    local modules=$ROOT/.cache/guests/debian-cloud/modules file pairs=()
    [ -d "$modules" ] || fail "no modules: scripts/fetch-guests.sh fetches them"
    for file in "$modules"/*.ko; do pairs+=("$(basename "$file" .ko)=$file"); done
    "$PACK" "$ROOT/tests/vhost/guest/initramfs.list" initrd "${pairs[@]}" init="$INIT"
}

# Starts the server; its process is $server.
start_server() { # OPTION...
    "$IOSERVER" "$@" >>server.log 2>&1 &
    server=$!
    children+=("$server")
}
# Until its sockets are there: they come when everything behind them is.
expect_sockets() { # SOCKET...
    local socket
    for socket; do
        until [ -S "$socket" ]; do
            kill -0 "$server" 2>/dev/null || fail "the server ended: $(tail -n 1 server.log)"
            sleep 0.05
        done
    done
}
kill_server() {
    kill -9 "$server"
    wait "$server" 2>/dev/null || true
}
# Ends it as a user would; that is its exit status 0.
end_server() {
    kill "$server"
    wait "$server" || fail "the server ended with status $?"
}

# Starts a guest; what is written to descriptor $input goes to its console, what it says to
# NAME.console, and its process is $guest.
start_guest() { # NAME TEST QEMU-OPTION...
    local name=$1 test=$2
    shift 2
    mkfifo "$name.input"
    exec {input}<>"$name.input"
    qemu-system-x86_64 -machine q35,accel=tcg -m 192M -nodefaults -display none -no-reboot \
        -object memory-backend-memfd,id=memory,size=192M,share=on -numa node,memdev=memory \
        -kernel "$ROOT/.cache/guests/debian-cloud/vmlinuz" -initrd initrd \
        -append "console=ttyS0 panic=-1 cloison.test=$test" \
        -chardev stdio,id=console,signal=off -serial chardev:console "$@" \
        <&"$input" >"$name.console" 2>"$name.log" &
    guest=$!
    children+=("$guest")
}
# Until the guest has said so.
expect_line() { # NAME PATTERN
    local alive=1
    until grep -aqE "^@guest $2[[:space:]]*\$" "$1.console"; do
        [ $alive = 1 ] || fail "$1 ended without '$2': $(grep -a '^@guest' "$1.console")"
        kill -0 "$guest" 2>/dev/null || alive=0 # it may have said so just before
        sleep 0.05
    done
}
expect_end() { # NAME PROCESS
    wait "$2" || fail "QEMU ended with status $?"
    grep -aq '^@guest done' "$1.console" || fail "$1 did not finish: $(grep -a '^@guest' "$1.console")"
    # What Linux says of a device that gives back what it was not given, or breaks otherwise.
    ! grep -aE 'is not a head|id .* out of range|I/O error|BUG:|WARNING:' "$1.console" >&2 ||
        fail "the kernel complained"
}
disk_device() { # SOCKET [PROPERTY]...
    printf '%s\n' -chardev "socket,id=disk,path=$1,reconnect=1" \
        -device "vhost-user-blk-pci,chardev=disk${2:+,$2}"
}
