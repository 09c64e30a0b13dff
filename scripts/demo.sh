#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds, and boots on the emulated machine: a control partition that owns disk
# and network card, and two Linux guests whose virtio disks, network and consoles it serves.
#
#   scripts/demo.sh [OPTIONS OF cloison boot]      e.g. --verbose
set -euo pipefail

cd "$(dirname "$0")/.."
scripts/setup.sh

echo "demo: building in build/ (a few minutes the first time)"
build() {
    cmake --preset default && cmake --build --preset default --target bootable
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! build >"$log" 2>&1; then
    cat "$log" >&2
    echo "demo: the build failed; what it said is above" >&2
    exit 1
fi

echo "demo: booting configs/layouts/served.xml (thousands of millions of emulated instructions, minutes)"
build/bin/cloison boot configs/layouts/served.xml --timeout 1800 "$@"
