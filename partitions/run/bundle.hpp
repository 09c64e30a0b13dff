// SPDX-License-Identifier: Apache-2.0
// The bundle: firmware, manifest and images in the one file that Bochs reads into RAM.
// firmware/abi/modules.hpp defines it and says why it has slack blocks.
#pragma once

#include "partitions/run/elf_image.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace cloison::run {

/// Something handed over with the firmware, under its name of firmware/abi/modules.hpp.
struct Module {
    std::string name;
    std::vector<u8> bytes;
};

/// The manifest and the images, in order, as modules. Reads the files; throws RunError.
std::vector<Module> make_modules(std::vector<u8> manifest,
                                 std::span<const std::filesystem::path> images);

/// Bytes of the machine's memory that the bundle of these covers, from its address on.
u64 bundle_extent(const FlatImage& firmware, std::span<const Module> modules);

/// The bundle for physical address `address`, a multiple of abi::bundle_block; it ends below 4 GiB.
std::vector<u8> make_bundle(const FlatImage& firmware, std::span<const Module> modules,
                            u32 address);

} // namespace cloison::run
