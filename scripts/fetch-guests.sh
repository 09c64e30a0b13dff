#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fetches the guests' kernel, Debian's cloud kernel as it is in its package, into .cache/ without
# installing it, and its virtio modules beside it, for the guests of the I/O server's tests. What is
# complete is kept, what is partial is never used.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
meta=linux-image-cloud-amd64
guest=$root/.cache/guests/debian-cloud

say() { echo "guests: $*"; }
fail() {
    echo "guests: $*" >&2
    exit 1
}

if [ -s "$guest/vmlinuz" ] && [ -d "$guest/modules" ]; then
    say "have $(cat "$guest/package" 2>/dev/null || echo "$guest/vmlinuz")"
    exit 0
fi

command -v apt-get >/dev/null ||
    fail "there is no apt-get here: put a Linux bzImage at $guest/vmlinuz by hand"

# The metapackage depends on the kernel that is current.
current_kernel() {
    apt-cache depends "$meta" 2>/dev/null |
        sed -n 's/^ *Depends: \(linux-image-[0-9].*-cloud-amd64\)$/\1/p' | head -n 1
}

update_lists() {
    say "updating the package lists"
    if [ "$(id -u)" -eq 0 ]; then apt-get update -q; else sudo apt-get update -q; fi ||
        fail "the package lists could not be updated (is there a network?)"
}

# Downloads the current kernel into $work; fails where the package lists are missing or too old.
download() {
    package=$(current_kernel)
    [ -n "$package" ] || return 1
    say "downloading $package"
    # Run as root, apt would rather download as a user who cannot write here, and say so at length.
    (cd "$work" && apt-get download -q -o APT::Sandbox::User=root "$package")
}

mkdir -p "$root/.cache/guests"
work=$(mktemp -d "$root/.cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
download || {
    update_lists
    download || fail "$meta could not be downloaded (is there a network? does a package source offer it?)"
}
dpkg-deb -x "$work/$package"_*.deb "$work/root"

mkdir "$work/debian-cloud"
cp "$work/root/boot/vmlinuz-"* "$work/debian-cloud/vmlinuz"
mkdir "$work/debian-cloud/modules"
find "$work/root/lib/modules" \( -name 'virtio*.ko' -o -name failover.ko -o -name net_failover.ko \) \
    -exec cp {} "$work/debian-cloud/modules/" \;
basename "$work/$package"_*.deb .deb >"$work/debian-cloud/package"
rm -rf "$guest"
mv -T "$work/debian-cloud" "$guest"
say "have $(cat "$guest/package")"
