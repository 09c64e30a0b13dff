#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fetches the guests' kernels, Debian's as they are in their packages, into .cache/guests/ without
# installing them, with the modules that our initramfs load:
#
#   debian-cloud   the kernel of clients: small, virtio, file systems built in
#   debian         the kernel of control partitions: every driver, as modules
#
# Beside each vmlinuz, a bzImage that unpacks itself when it runs, is the vmlinux that it unpacks: where
# a machine is emulated, unpacking takes longer than all the rest of a boot.
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
    [ -s "$guests/$1/vmlinuz" ] && [ -s "$guests/$1/vmlinux" ] && [ -s "$guests/$1/package" ] || return 1
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

# number FILE OFFSET WIDTH: the little-endian number there
number() { od -An -v -t "u$3" --endian=little -j "$2" -N "$3" "$1" | tr -d ' '; }

# The compressed kernel, by the setup header (The Linux/x86 Boot Protocol): payload_offset counts from the
# protected-mode code, which follows the setup sectors. Behind the stream, and in payload_length, is the
# size of what it unpacks to.
unpack_kernel() { # VMLINUZ VMLINUX
    local sectors offset length magic size unpack
    [ "$(number "$1" $((0x202)) 4)" = $((0x53726448)) ] || return 1 # "HdrS"
    sectors=$(number "$1" $((0x1F1)) 1)
    [ "$sectors" -ne 0 ] || sectors=4
    offset=$(((sectors + 1) * 512 + $(number "$1" $((0x248)) 4)))
    length=$(number "$1" $((0x24C)) 4)
    [ "$length" -gt 4 ] && [ $((offset + length)) -le "$(stat -c %s "$1")" ] || return 1
    size=$(number "$1" $((offset + length - 4)) 4)
    magic=$(number "$1" "$offset" 4)
    case $magic in
    $((0x184C2102))) unpack=(lz4 -dc) ;; # the format of its first versions, which kernels still use
    $((0x587A37FD))) unpack=(xz -dc) ;;
    *) return 1 ;;
    esac
    head -c $((offset + length - 4)) "$1" | tail -c $((length - 4)) | "${unpack[@]}" >"$2" || return 1
    # The sizes agree, and it is an ELF file.
    [ "$(stat -c %s "$2")" = "$size" ] && [ "$(number "$2" 0 4)" = $((0x464C457F)) ]
}

fetch() { # GUEST METAPACKAGE
    local guest=$1 file made=$work/$1 module
    if is_complete "$guest"; then
        say "have $(cat "$guests/$guest/package") for $guest"
        return
    fi
    command -v apt-get >/dev/null || fail "there is no apt-get here: unpack a Linux package by hand: a" \
        "bzImage as $guests/$guest/vmlinuz, what is packed in it as vmlinux beside it, its modules into" \
        "$guests/$guest/modules, its name into $guests/$guest/package"
    file=$(download "$2") || {
        update_lists
        file=$(download "$2")
    } || fail "$2 could not be downloaded (is there a network? does a package source offer it?)"

    dpkg-deb -x "$file" "$work/$guest.root"
    mkdir -p "$made/modules"
    cp "$work/$guest.root/boot/vmlinuz-"* "$made/vmlinuz"
    unpack_kernel "$made/vmlinuz" "$made/vmlinux" || fail "the kernel of $(basename "$file") cannot be unpacked"
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
