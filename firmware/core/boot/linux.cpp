// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/boot/linux.hpp"

#include "firmware/abi/placement.hpp"
#include "firmware/core/boot/kernel_image.hpp"

#include <array>
#include <asm/bootparam.h>
#include <cstring>

namespace cloison::core {

using abi::Rule;

namespace {

constexpr u16 boot_cs = 0x10, boot_ds = 0x18; // the protocol's __BOOT_CS and __BOOT_DS
constexpr u8 undefined_loader = 0xFF;         // type_of_loader of those without a number
constexpr u64 present = 1 << 0, writable = 1 << 1, large = 1 << 7; // SDM vol. 3A, 4.5

/// Flat 4 GiB segments, accessed already so that the CPU need not write here (SDM vol. 3A, 3.4.5).
constexpr std::array<u64, 4> gdt{0, 0, 0x00AF9B000000FFFF, 0x00CF93000000FFFF};

constexpr u64 table_entries = page_size / sizeof(u64);
constexpr u64 mapped_gib = 4;

/// One page of the identity map: entry i refers to first + i * step.
bool place_table(const MemoryWindow& window, u64 where, u64 first, u64 step, u64 count) {
    u8* page = window.at(window.context, where, page_size);
    if (page == nullptr)
        return false;
    for (u64 i = 0; i < table_entries; ++i) {
        u64 entry = i < count ? first + i * step : 0;
        std::memcpy(page + i * sizeof entry, &entry, sizeof entry);
    }
    return true;
}

/// The first 4 GiB mapped to themselves in 2 MiB pages.
bool place_page_tables(const MemoryWindow& window) {
    constexpr u64 pml4 = guest_map::boot_page_tables;
    constexpr u64 pdpt = pml4 + page_size;
    constexpr u64 directories = pdpt + page_size;
    bool placed =
        place_table(window, pml4, pdpt | present | writable, 0, 1) &&
        place_table(window, pdpt, directories | present | writable, page_size, mapped_gib);
    for (u64 i = 0; placed && i < mapped_gib; ++i)
        placed =
            place_table(window, directories + i * page_size, (i * gib) | present | writable | large,
                        large_page_size, table_entries);
    return placed;
}

bool place_gdt(const MemoryWindow& window) {
    u8* to = window.at(window.context, guest_map::boot_gdt, sizeof gdt);
    if (to == nullptr)
        return false;
    std::memcpy(to, gdt.data(), sizeof gdt);
    return true;
}

bool place_cmdline(const MemoryWindow& window, std::span<const u8> cmdline) {
    u8* to = window.at(window.context, guest_map::boot_cmdline, guest_map::boot_cmdline_max);
    if (to == nullptr)
        return false;
    std::memset(to, 0, guest_map::boot_cmdline_max);
    if (!cmdline.empty())
        std::memcpy(to, cmdline.data(), cmdline.size());
    return true;
}

constexpr u32 low_half(u64 value) {
    return static_cast<u32>(value);
}

constexpr u32 high_half(u64 value) {
    return static_cast<u32>(value >> 32);
}

/// Zeroes behind a segment's contents are written, as memory is not clean on the bare machine.
bool place_kernel(const MemoryWindow& window, u64 where, const KernelImage& image) {
    for (const KernelSegment& segment : image.segments()) {
        u64 at = where + segment.offset;
        u64 contents = segment.bytes.size();
        if (!place_bytes(window, at, segment.bytes) ||
            !place_zeroes(window, at + contents, segment.size - contents))
            return false;
    }
    return true;
}

/// The "zero page": the kernel's setup header and what the loader has to say.
bool place_boot_params(const MemoryWindow& window, const LinuxBoot& boot, const KernelImage& image,
                       const abi::LinuxPlace& place) {
    static_assert(sizeof(boot_params) == page_size && alignof(boot_params) == 1);
    u8* page = window.at(window.context, guest_map::boot_params, page_size);
    if (page == nullptr)
        return false;
    std::memset(page, 0, page_size);
    auto& params = *reinterpret_cast<boot_params*>(page);
    params.hdr = image.header;
    params.hdr.type_of_loader = undefined_loader;
    params.hdr.code32_start = low_half(place.kernel);
    params.hdr.cmd_line_ptr = low_half(guest_map::boot_cmdline);
    params.ext_cmd_line_ptr = high_half(guest_map::boot_cmdline);
    params.hdr.ramdisk_image = low_half(place.initrd);
    params.ext_ramdisk_image = high_half(place.initrd);
    params.hdr.ramdisk_size = low_half(boot.initrd.size());
    params.ext_ramdisk_size = high_half(boot.initrd.size());
    params.hdr.setup_data = 0;
    params.acpi_rsdp_addr = boot.rsdp;
    params.e820_entries = static_cast<u8>(boot.memory.size());
    for (usize i = 0; i < boot.memory.size(); ++i) {
        const abi::MemoryMapEntry& entry = boot.memory[i];
        params.e820_table[i] = {entry.extent.base, entry.extent.size, entry.type};
    }
    return true;
}

} // namespace

Result<EntryState, Rule> load_linux(const MemoryWindow& window, const LinuxBoot& boot) {
    auto image = parse_kernel(boot.kernel);
    if (!image)
        return Rule::image_kind;
    if (boot.cmdline.size() >= guest_map::boot_cmdline_max ||
        boot.cmdline.size() > image->cmdline_max())
        return Rule::cmdline_length;
    if (boot.memory.size() > E820_MAX_ENTRIES_ZEROPAGE)
        return Rule::memory_pieces;
    auto place = abi::place_linux(image->shape, boot.initrd.size(), boot.memory, boot.keep_out);
    if (!place)
        return Rule::image_fit;
    bool placed = place_kernel(window, place->kernel, *image) &&
                  place_bytes(window, place->initrd, boot.initrd) && place_gdt(window) &&
                  place_page_tables(window) && place_cmdline(window, boot.cmdline) &&
                  place_boot_params(window, boot, *image, *place);
    if (!placed)
        return Rule::image_fit;
    return EntryState{.cs = boot_cs,
                      .ds = boot_ds,
                      .gdt_base = guest_map::boot_gdt,
                      .gdt_limit = sizeof gdt - 1,
                      .cr3 = guest_map::boot_page_tables,
                      .rip = place->kernel + image->entry,
                      .rsp = guest_map::boot_stack,
                      .rsi = guest_map::boot_params};
}

} // namespace cloison::core
