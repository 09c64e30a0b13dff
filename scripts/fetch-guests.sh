#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fetches the guests' kernels, Debian's as they are in their packages, into .cache/guests/ without
# installing them, with the modules that our initramfs load:
#
#   debian-cloud   the kernel of clients: small, virtio, file systems built in
#   debian         the kernel of control partitions: every driver, as modules
#
# What is complete is kept, what is partial is never used; packages stay in .cache/packages.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
guests=$root/.cache/guests
packages=$root/.cache/packages

# Names of modules, each with what it depends on.
virtio=(virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover net_failover
    virtio_net virtio_blk virtio_console virtio-rng)
disks=(scsi_common scsi_mod libata ata_piix sd_mod)
user_space=(uio uio_pci_generic tun)
kvm=(irqbypass kvm kvm-intel)
# In the cloud kernel these are built in, or left out.
checksums=(crc16 crc64 crc64-rocksoft crc64_rocksoft_generic crc-t10dif crct10dif_common crct10dif_generic
    crct10dif-pclmul crc32c_generic crc32c-intel t10-pi)
more=(mbcache jbd2 ext4 libahci ahci nvme-core nvme e1000)

modules_of() { # GUEST
    local names=("${virtio[@]}" "${disks[@]}" "${user_space[@]}" "${kvm[@]}")
    [ "$1" != debian ] || names+=("${checksums[@]}" "${more[@]}")
    printf '%s\n' "${names[@]}"
}

say() { echo "guests: $*"; }
fail() {
    echo "guests: $*" >&2
    exit 1
}

is_complete() { # GUEST
    local module
    [ -s "$guests/$1/vmlinuz" ] && [ -s "$guests/$1/package" ] || return 1
    while read -r module; do
        [ -s "$guests/$1/modules/$module.ko" ] || return 1
    done < <(modules_of "$1")
}

# The metapackage depends on the kernel that is current.
current_kernel() { # METAPACKAGE
    apt-cache depends "$1" 2>/dev/null |
        sed -n 's/^ *Depends: \(linux-image-[0-9].*-amd64\)$/\1/p' | head -n 1
}

update_lists() {
    say "updating the package lists"
    if [ "$(id -u)" -eq 0 ]; then apt-get update -q; else sudo apt-get update -q; fi ||
        fail "the package lists could not be updated (is there a network?)"
}

# Downloads the kernel that is current, unless it is there; prints the package file's path. Fails where
# the package lists are missing or too old.
download() { # METAPACKAGE
    local package
    package=$(current_kernel "$1")
    [ -n "$package" ] || return 1
    say "downloading $package" >&2
    # Run as root, apt would rather download as a user who cannot write here, and say so at length.
    (cd "$packages" && apt-get download -q -o APT::Sandbox::User=root "$package" >&2) || return 1
    find "$packages" -name "${package}_*.deb" -printf '%T@ %p\n' | sort -n | sed -n '$s/^[^ ]* //p'
}

fetch() { # GUEST METAPACKAGE
    local guest=$1 file made=$work/$1 module
    if is_complete "$guest"; then
        say "have $(cat "$guests/$guest/package") for $guest"
        return
    fi
    command -v apt-get >/dev/null || fail "there is no apt-get here: unpack a Linux package by hand: a" \
        "bzImage as $guests/$guest/vmlinuz, its modules into $guests/$guest/modules, its name into" \
        "$guests/$guest/package"
    file=$(download "$2") || {
        update_lists
        file=$(download "$2")
    } || fail "$2 could not be downloaded (is there a network? does a package source offer it?)"

    dpkg-deb -x "$file" "$work/$guest.root"
    mkdir -p "$made/modules"
    cp "$work/$guest.root/boot/vmlinuz-"* "$made/vmlinuz"
    while read -r module; do
        find "$work/$guest.root/lib/modules" -name "$module.ko" -exec cp {} "$made/modules/" \;
        [ -s "$made/modules/$module.ko" ] || fail "$(basename "$file") has no module $module"
    done < <(modules_of "$guest")
    basename "$file" .deb >"$made/package"
    rm -rf "${guests:?}/$guest" "$work/$guest.root"
    mv -T "$made" "$guests/$guest"
    say "have $(cat "$guests/$guest/package") for $guest"
}

mkdir -p "$guests" "$packages"
work=$(mktemp -d "$root/.cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
fetch debian-cloud linux-image-cloud-amd64
fetch debian linux-image-amd64
