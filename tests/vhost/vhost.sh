#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The I/O server against Linux's drivers, on QEMU's software emulation.
#
# Usage: vhost.sh TEST FOLDER, with IOSERVER, PACK and INIT in the environment
set -euo pipefail

test=$1 folder=$2
ROOT=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
# shellcheck source=tests/vhost/machine.sh
source "$ROOT/tests/vhost/machine.sh"
pack_guest
: >server.log

# Every kind of request, on a sparse file.
test_disk() { # SERVER-OPTION...
    truncate -s 32M image
    start_server --vhost-user-blk blk --disk image,serial=cloison-1 "$@"
    expect_sockets blk
    mapfile -t device < <(disk_device blk num-queues=2)
    start_guest one disk "${device[@]}"
    expect_line one 'disk size=33554432 serial=cloison-1'
    expect_end one "$guest"
    end_server
    # 16 MiB were written, 32 KiB of it taken back: holes, where the file system makes any.
    [ "$(stat -c %s image)" -eq $((32 << 20)) ] || fail "the image changed its size"
}

# The server is killed while eight processes write, until it went on with requests in flight twice.
# Not while the front end introduces itself: QEMU 7.2 does not get over that.
test_kill() {
    truncate -s 32M image
    start_server --vhost-user-blk blk --disk image
    expect_sockets blk
    mapfile -t device < <(disk_device blk)
    start_guest one writes "${device[@]}"
    expect_line one writing
    local kills=0
    until [ "$(grep -c 'runs, [1-9][0-9]* requests in flight' server.log)" -ge 2 ]; do
        sleep "0.$((RANDOM % 10))"
        kill_server
        kills=$((kills + 1))
        start_server --vhost-user-blk blk --disk image
        until [ "$(grep -c 'queue 0 runs' server.log)" -gt $kills ]; do
            kill -0 "$guest" 2>/dev/null || fail "the guest ended"
            sleep 0.05
        done
    done
    echo stop >&"$input"
    expect_line one 'verified turns=[0-9]+'
    expect_end one "$guest"
    end_server
    echo "killed $kills times: $(grep 'runs, [1-9]' server.log | tr '\n' ';')"
}

# A disk that is somewhere else.
test_nbd() {
    nbdkit --foreground --unix nbd memory 32M >nbdkit.log 2>&1 &
    children+=($!)
    until [ -S nbd ]; do sleep 0.05; done
    start_server --vhost-user-blk blk --disk 'nbd+unix:///?socket=nbd,serial=far'
    expect_sockets blk
    mapfile -t device < <(disk_device blk)
    start_guest one disk "${device[@]}"
    expect_line one 'disk size=33554432 serial=far'
    expect_end one "$guest"
    end_server
}

# Random numbers through Linux's virtio-rng driver. QEMU 7.2 does not connect this device again.
test_random() {
    start_server --vhost-user-rng rng
    expect_sockets rng
    start_guest one random -chardev socket,id=rng,path=rng -device vhost-user-rng-pci,chardev=rng
    expect_line one 'random bytes=64 different=(3[2-9]|[4-6][0-9])'
    expect_end one "$guest"
    end_server
}

# QEMU 7.2 crashes when vhost-user, MSI-X and software emulation come together in its network device:
# hence no vectors.
net_device() { # SOCKET MAC [PROPERTIES]
    printf '%s\n' -chardev "socket,id=net,path=$1,reconnect=1" \
        -netdev vhost-user,id=net,chardev=net -device "virtio-net-pci,netdev=net,vectors=0,mac=$2${3:-}"
}

# Two guests talk over the switch: one with the offloads that Linux takes, one without PROPERTIES.
test_net() { # PROPERTIES
    start_server --vhost-user-net a,vlan=5 --vhost-user-net b,vlan=5
    expect_sockets a b
    mapfile -t device < <(net_device a 02:00:00:00:00:02)
    start_guest pong net-pong "${device[@]}"
    local pong=$guest
    mapfile -t device < <(net_device b 02:00:00:00:00:01 "$1")
    start_guest ping net-ping "${device[@]}"
    expect_line ping 'datagrams count=20'
    expect_line ping 'streams bytes=4194304'
    expect_end ping "$guest"
    expect_end pong "$pong"
    end_server
}

case $test in
disk) test_disk --queues 2 ;;
poll) test_disk --queues 2 --poll ;;
kill) test_kill ;;
nbd) test_nbd ;;
random) test_random ;;
net) test_net '' ;;
net-plain) test_net ,guest_tso4=off,guest_tso6=off,guest_csum=off,host_tso4=off,mrg_rxbuf=off ;;
*) fail "no such test: $test" ;;
esac
