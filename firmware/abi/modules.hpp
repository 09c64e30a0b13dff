// SPDX-License-Identifier: Apache-2.0
// How the manifest and the boot images reach the firmware.
//
// The firmware is entered by the multiboot2 protocol. Each module's command line is one of the
// strings below: module_manifest for the manifest, module_image followed by a decimal number for
// that image of the manifest's image table.
//
// On Bochs there is no boot loader: the emulator puts a bundle into RAM and a small option ROM
// plays the boot loader's part. Bochs 2.7 backs guest RAM with 128 KiB blocks that it hands out in
// the order they are first touched, yet reads an image file into the first one and straight on. So
// a file larger than a block appears in guest memory shifted by whatever the BIOS touched
// meanwhile. The bundle therefore has slack blocks behind its first one, each starting with its own
// number; the option ROM touches scratch blocks until it reads the number of the last one, then
// touches the bundle's blocks in order. From then on block j of the data is at bundle address + j *
// bundle_block.
//
//   file block 0                     BundleHeader
//   file blocks 1 .. slack           u32: the block's own number, zeroes
//   file blocks slack+1 .. slack+n   data: appears from bundle address + 1 * bundle_block
//
// BundleHeader's offsets are relative to the bundle's address as the guest sees it, so the first
// data byte has offset bundle_block.
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::abi {

inline constexpr const char* module_manifest = "cloison-manifest";
inline constexpr const char* module_image = "cloison-image-"; // + decimal number

inline constexpr u64 bundle_magic = 0x4C44'4E42'4E53'4C43; // "CLSNBNDL"
inline constexpr u32 bundle_block = 128 * kib;
inline constexpr u32 bundle_slack = 32;
/// The option ROM allots scratch blocks from here up (the firmware's own region).
inline constexpr u32 bundle_scratch = 4 * mib;

struct BundleHeader {
    u64 magic;
    u32 data_blocks;      // n above
    u32 firmware_offset;  // flat firmware image
    u32 firmware_size;    // bytes to copy
    u32 firmware_address; // where to copy it; the rest of its memory the firmware clears itself
    u32 firmware_entry;   // 32-bit entry point, eax = multiboot2 magic, ebx = information
    u32 info_offset;      // a multiboot2 information structure, complete but for its memory map
    u32 mmap_offset;  // its memory-map tag: room for mmap_entries entries, filled by the option ROM
    u32 mmap_entries; // entry_size is 24
};
static_assert(sizeof(BundleHeader) == 40);

} // namespace cloison::abi
