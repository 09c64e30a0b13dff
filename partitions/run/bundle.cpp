// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/bundle.hpp"

#include "firmware/abi/modules.hpp"
#include "partitions/run/files.hpp"
#include "partitions/run/multiboot_info.hpp"

#include <cassert>
#include <cstring>

namespace cloison::run {

namespace {

constexpr u32 map_entries = 32; // more than any PC's BIOS reports; the option ROM takes no more

// Where each part goes, in bytes from the first byte of data.
struct Placement {
    u64 firmware = 0;
    std::vector<u64> modules;
    u64 info = 0;
    u64 end = 0;
    u32 memory_map = 0;
    std::vector<u8> info_bytes;
};

// `address` is where the first byte of data appears. The information structure's size does not
// depend on it.
Placement place(const FlatImage& firmware, std::span<const Module> modules, u64 address) {
    Placement placement;
    u64 at = round_up(firmware.bytes.size(), page_size); // modules are page aligned
    std::vector<PlacedModule> placed;
    for (const Module& module : modules) {
        placement.modules.push_back(at);
        placed.push_back({module.name, static_cast<u32>(address + at),
                          static_cast<u32>(address + at + module.bytes.size())});
        at = round_up(at + module.bytes.size(), page_size);
    }
    MultibootInfo info = make_multiboot_info(placed, map_entries);
    placement.info = at;
    placement.memory_map = info.memory_map_tag;
    placement.end = at + info.bytes.size();
    placement.info_bytes = std::move(info.bytes);
    return placement;
}

u64 data_blocks(const Placement& placement) {
    return round_up(placement.end, abi::bundle_block) / abi::bundle_block;
}

// Each slack block starts with its own number.
void number_slack(std::vector<u8>& file) {
    for (u32 block = 1; block <= abi::bundle_slack; ++block)
        std::memcpy(file.data() + u64{block} * abi::bundle_block, &block, sizeof block);
}

} // namespace

std::vector<Module> make_modules(std::vector<u8> manifest,
                                 std::span<const std::filesystem::path> images) {
    std::vector<Module> modules;
    modules.push_back({abi::module_manifest, std::move(manifest)});
    for (usize i = 0; i < images.size(); ++i)
        modules.push_back({abi::module_image + std::to_string(i), read_file(images[i])});
    return modules;
}

u64 bundle_extent(const FlatImage& firmware, std::span<const Module> modules) {
    return (1 + data_blocks(place(firmware, modules, 0))) * abi::bundle_block;
}

std::vector<u8> make_bundle(const FlatImage& firmware, std::span<const Module> modules,
                            u32 address) {
    Placement placement = place(firmware, modules, u64{address} + abi::bundle_block);
    u64 blocks = data_blocks(placement);
    assert(address % abi::bundle_block == 0);
    assert(address + (1 + blocks) * abi::bundle_block <= 4 * gib);

    // Offsets in the header are those that the guest sees, where the slack is not.
    abi::BundleHeader header{};
    header.magic = abi::bundle_magic;
    header.data_blocks = static_cast<u32>(blocks);
    header.firmware_offset = abi::bundle_block;
    header.firmware_size = static_cast<u32>(firmware.bytes.size());
    header.firmware_address = firmware.address;
    header.firmware_entry = firmware.entry;
    header.info_offset = static_cast<u32>(abi::bundle_block + placement.info);
    header.mmap_offset = header.info_offset + placement.memory_map;
    header.mmap_entries = map_entries;

    std::vector<u8> file((1 + abi::bundle_slack + blocks) * abi::bundle_block);
    u8* data = file.data() + u64{1 + abi::bundle_slack} * abi::bundle_block;
    std::memcpy(file.data(), &header, sizeof header);
    number_slack(file);
    std::memcpy(data, firmware.bytes.data(), firmware.bytes.size());
    for (usize i = 0; i < modules.size(); ++i)
        std::memcpy(data + placement.modules[i], modules[i].bytes.data(), modules[i].bytes.size());
    std::memcpy(data + placement.info, placement.info_bytes.data(), placement.info_bytes.size());
    return file;
}

} // namespace cloison::run
