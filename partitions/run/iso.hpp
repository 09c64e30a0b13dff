// SPDX-License-Identifier: Apache-2.0
// An image for machines that boot by themselves: GRUB, for BIOS and for UEFI, loads the firmware
// and its modules by the multiboot2 protocol.
#pragma once

#include "partitions/run/bundle.hpp"

#include <filesystem>

namespace cloison::run {

/// Writes the ISO image `iso` with the firmware `firmware_elf` and the modules, in order. `work` is
/// a folder for what it is made of and for the log. Throws RunError, for one where grub-mkrescue
/// is missing or fails.
void write_iso(const std::filesystem::path& iso, const std::filesystem::path& firmware_elf,
               std::span<const Module> modules, const std::filesystem::path& work);

/// GRUB's configuration for modules with these names, in files /boot/module-0, /boot/module-1…
std::string grub_config(std::span<const Module> modules);

} // namespace cloison::run
