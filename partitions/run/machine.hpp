// SPDX-License-Identifier: Apache-2.0
// Makes a run folder ready for an emulator, and says how to start it there.
#pragma once

#include "partitions/run/bundle.hpp"
#include "partitions/run/child.hpp"
#include "partitions/run/serial_line.hpp"

namespace cloison::run {

/// The machine to emulate.
struct MachineSpec {
    std::string model; // the emulator's name of the CPU model
    u32 cpus = 1;
    u64 memory = 0; // bytes, a multiple of 1 MiB
    u64 ips = 0;    // Bochs: instructions per emulated second; 0: its default
    Extent staging; // where the bundle may lie

    std::filesystem::path disk_image; // Bochs: the first IDE channel's disk; empty: none
    bool network = false;             // Bochs: an e1000 on a network of the emulator's own
};

/// The area at the top of `memory` bytes of RAM that Bochs's BIOS leaves alone and the bundle fits.
/// Throws RunError where there is no room for it.
Extent staging_at_top(u64 memory, const FlatImage& firmware, std::span<const Module> modules);

/// Bytes that Bochs's E820 map calls usable in a machine with `memory` bytes of RAM.
u64 bochs_usable_memory(u64 memory);

/// Writes bundle, option ROM (`option_rom`, as it was built) and configuration to `folder`;
/// `serials` are the values of com1, com2… in bochsrc. Throws RunError, for one where the bundle
/// does not fit the staging area.
ChildCommand prepare_bochs(const std::filesystem::path& folder, const MachineSpec& machine,
                           const FlatImage& firmware, std::span<const Module> modules,
                           std::vector<u8> option_rom, const std::vector<std::string>& serials);

/// QEMU with KVM booting `iso`. Throws RunError where this host has no nested VT-x to offer.
ChildCommand prepare_qemu(const std::filesystem::path& folder, const MachineSpec& machine,
                          const std::filesystem::path& iso, const SerialLine& line);

/// True where a host with this /proc/cpuinfo and this device can run a VT-x firmware in QEMU.
bool host_has_vtx(std::string_view cpuinfo);

} // namespace cloison::run
