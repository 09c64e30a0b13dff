// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/boot/linux.hpp"
#include "tests/unit/boot/guest_memory.hpp"
#include "tests/unit/boot/synthetic_elf.hpp"
#include "tests/unit/boot/synthetic_kernel.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace cloison::core {
namespace {

using abi::Rule;
using test::GuestMemory;
using test::SyntheticElf;
using test::SyntheticKernel;

std::span<const u8> bytes_of(const std::string& text) {
    return {reinterpret_cast<const u8*>(text.data()), text.size()};
}

/// A partition of `size` bytes, ready to load.
struct Loading {
    explicit Loading(u64 size) {
        u64 low = std::min(size, guest_map::low_ram_limit);
        std::vector<abi::MemoryBlock> blocks{{0, 0, 0, 1 * gib, low}};
        ram_ = {{0, guest_map::vga_hole}, {guest_map::vga_hole_end, low - guest_map::vga_hole_end}};
        if (size > low) {
            blocks.push_back({0, 0, guest_map::high_ram_base, 8 * gib, size - low});
            ram_.push_back({guest_map::high_ram_base, size - low});
        }
        map_ = *abi::partition_memory_map(blocks, false);
        memory = GuestMemory(ram_);
    }

    Result<EntryState, Rule> load() { return load(kernel.file()); }

    Result<EntryState, Rule> load(const std::vector<u8>& file) {
        return load_linux(memory.window(), {.kernel = file,
                                            .initrd = initrd,
                                            .cmdline = bytes_of(cmdline),
                                            .memory = map_.entries(),
                                            .keep_out = keep_out,
                                            .rsdp = guest_map::acpi.base});
    }

    boot_params params() { return memory.read<boot_params>(guest_map::boot_params); }

    SyntheticKernel kernel;
    std::vector<u8> initrd;
    std::string cmdline = "console=ttyS0";
    std::vector<Extent> keep_out;
    GuestMemory memory{{}};

  private:
    std::vector<Extent> ram_;
    abi::PartitionMemoryMap map_;
};

std::vector<u8> pattern(usize size) {
    std::vector<u8> bytes(size);
    for (usize i = 0; i < size; ++i)
        bytes[i] = static_cast<u8>(i * 13 + i / 65536 + 5);
    return bytes;
}

TEST(LoadLinux, ImagesAreInTheirPlaces) {
    Loading l(256 * mib);
    l.initrd = pattern(5 * mib + 123);
    auto entry = l.load();
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->rip, 16 * mib + 0x200);
    auto code = l.memory.read(16 * mib, l.kernel.code_size);
    for (usize i = 0; i < code.size(); ++i)
        ASSERT_EQ(code[i], SyntheticKernel::pattern(i)) << i;
    auto params = l.params();
    EXPECT_EQ(+params.hdr.ramdisk_image, 256 * mib - round_up(l.initrd.size(), page_size));
    EXPECT_EQ(+params.hdr.ramdisk_size, l.initrd.size());
    EXPECT_EQ(l.memory.read(params.hdr.ramdisk_image, l.initrd.size()), l.initrd);
}

TEST(LoadLinux, BootParametersSayWhatTheKernelAsks) {
    Loading l(256 * mib);
    l.kernel.header.setup_data = 0xBAD;
    ASSERT_TRUE(l.load());
    auto params = l.params();
    EXPECT_EQ(+params.hdr.header, 0x53726448u);
    EXPECT_EQ(+params.hdr.version, +l.kernel.header.version);
    EXPECT_EQ(+params.hdr.init_size, +l.kernel.header.init_size);
    EXPECT_EQ(+params.hdr.type_of_loader, 0xFF);
    EXPECT_EQ(+params.hdr.loadflags, LOADED_HIGH);
    EXPECT_EQ(+params.hdr.code32_start, 16 * mib);
    EXPECT_EQ(+params.hdr.ramdisk_image, 0u);
    EXPECT_EQ(+params.hdr.ramdisk_size, 0u);
    EXPECT_EQ(+params.hdr.setup_data, 0u);
    EXPECT_EQ(+params.acpi_rsdp_addr, guest_map::acpi.base);
    EXPECT_EQ(+params.sentinel, 0);
    EXPECT_EQ(+params.hdr.cmd_line_ptr, guest_map::boot_cmdline);
    auto text = l.memory.read(guest_map::boot_cmdline, l.cmdline.size() + 1);
    EXPECT_STREQ(reinterpret_cast<const char*>(text.data()), l.cmdline.c_str());
}

TEST(LoadLinux, MemoryMapIsThePartitions) {
    for (u64 size : {64 * mib, 3 * gib, 5 * gib}) {
        Loading l(size);
        ASSERT_TRUE(l.load());
        auto params = l.params();
        ASSERT_EQ(params.e820_entries, size > 3 * gib ? 4 : 3);
        u64 ram = 0;
        u64 top = 0;
        for (u32 i = 0; i < params.e820_entries; ++i) {
            const boot_e820_entry& e = params.e820_table[i];
            ram += e.type == E820_RAM ? e.size : 0;
            top = e.addr + e.size;
        }
        EXPECT_EQ(ram, size - guest_map::legacy_hole);
        EXPECT_EQ(top, size > 3 * gib ? size + 1 * gib : size);
    }
}

/// Walks the page tables as the CPU does; nullopt for a page that is not there.
std::optional<u64> translate(GuestMemory& memory, u64 cr3, u64 address) {
    constexpr u64 frame = 0x000F'FFFF'FFFF'F000;
    u64 table = cr3;
    for (u32 shift : {39u, 30u, 21u}) {
        u64 entry = memory.read<u64>(table + (address >> shift & 511) * 8);
        if ((entry & 3) != 3)
            return std::nullopt;
        if (shift == 21)
            return (entry & 0x80) != 0 ? std::optional(entry & frame & ~0x1FFFFFull) : std::nullopt;
        table = entry & frame;
    }
    return std::nullopt;
}

TEST(LoadLinux, FirstFourGibMapToThemselves) {
    Loading l(64 * mib);
    auto entry = l.load();
    ASSERT_TRUE(entry);
    for (u64 address = 0; address < 4 * gib; address += large_page_size)
        ASSERT_EQ(translate(l.memory, entry->cr3, address), address);
    for (u64 address : {4 * gib, 5 * gib, 512 * gib, ~u64{0} - large_page_size})
        EXPECT_EQ(translate(l.memory, entry->cr3, address), std::nullopt) << address;
}

TEST(LoadLinux, EntryStateIsTheProtocols) {
    Loading l(64 * mib);
    auto entry = l.load();
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->rsi, guest_map::boot_params);
    EXPECT_EQ(entry->rsp, guest_map::boot_stack);
    EXPECT_EQ(entry->cs, 0x10);
    EXPECT_EQ(entry->ds, 0x18);
    ASSERT_GE(entry->gdt_limit, 0x1F);
    u64 code = l.memory.read<u64>(entry->gdt_base + entry->cs);
    u64 data = l.memory.read<u64>(entry->gdt_base + entry->ds);
    EXPECT_EQ(code, 0x00AF9B000000FFFFu) << "64-bit, execute/read, flat";
    EXPECT_EQ(data, 0x00CF93000000FFFFu) << "read/write, flat";
}

TEST(LoadLinux, CommandLineHasTwoLimits) {
    Loading l(64 * mib);
    l.cmdline.assign(guest_map::boot_cmdline_max - 1, 'x');
    ASSERT_TRUE(l.load());
    EXPECT_EQ(l.memory.read<u8>(guest_map::boot_cmdline + guest_map::boot_cmdline_max - 1), 0);
    l.kernel.header.cmdline_size = ~u32{0};
    l.cmdline += 'x';
    EXPECT_EQ(l.load().error(), Rule::cmdline_length) << "our place's";
    l.kernel.header.cmdline_size = 255;
    l.cmdline.assign(256, 'x');
    EXPECT_EQ(l.load().error(), Rule::cmdline_length) << "the kernel's";
    l.cmdline.assign(255, 'x');
    EXPECT_TRUE(l.load());
    l.cmdline.clear();
    EXPECT_TRUE(l.load());
}

TEST(LoadLinux, WhatDoesNotFitIsRefused) {
    Loading l(64 * mib);
    l.initrd = pattern(15 * mib + 1);
    EXPECT_EQ(l.load().error(), Rule::image_fit);
    l.initrd.pop_back(); // fits between 1 MiB and the kernel
    EXPECT_TRUE(l.load());
    l.initrd.clear();
    l.kernel.header.init_size = 64 * mib;
    EXPECT_EQ(l.load().error(), Rule::image_fit);
    l.kernel.header.init_size = ~u32{0};
    EXPECT_EQ(l.load().error(), Rule::image_fit);
    for (u64 address : {64 * mib, 4 * gib, u64{1} << 48, ~u64{0}}) {
        l.kernel = SyntheticKernel();
        l.kernel.header.pref_address = address;
        EXPECT_EQ(l.load().error(), Rule::image_fit) << address;
    }
}

TEST(LoadLinux, OtherFilesAreRefused) {
    Loading l(64 * mib);
    l.kernel.header.xloadflags = 0;
    EXPECT_EQ(l.load().error(), Rule::image_kind);
}

TEST(LoadLinux, SmallInitSizeStillKeepsTheCodeApart) {
    Loading l(64 * mib);
    l.kernel.header.init_size = 0;
    l.kernel.header.initrd_addr_max = 20 * mib - 1;
    l.initrd = pattern(1 * mib);
    ASSERT_TRUE(l.load());
    EXPECT_EQ(l.params().hdr.ramdisk_image, 19 * mib) << "right behind 3 MiB of code";
    l.initrd = pattern(1 * mib + 1);
    ASSERT_TRUE(l.load());
    EXPECT_EQ(l.params().hdr.ramdisk_image, 15 * mib - page_size);
}

TEST(LoadLinux, KeepsOutOfWhatItIsTold) {
    Loading l(256 * mib);
    l.keep_out = {{17 * mib, 1 * mib}, {255 * mib, 1 * mib}};
    l.initrd = pattern(1 * mib);
    auto entry = l.load();
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->rip, 18 * mib + 0x200);
    EXPECT_EQ(l.params().hdr.ramdisk_image, 254 * mib);
}

TEST(LoadLinux, MemoryThatTheWindowLacksIsNotWritten) {
    Loading l(64 * mib);
    for (Extent missing : {Extent{18 * mib, 1}, Extent{guest_map::boot_gdt, 1},
                           Extent{guest_map::boot_page_tables + 5 * page_size, 1},
                           Extent{guest_map::boot_params, 1}, Extent{guest_map::boot_cmdline, 1}}) {
        l.memory = GuestMemory({{0, missing.base}, {missing.end(), 64 * mib - missing.end()}});
        EXPECT_EQ(l.load().error(), Rule::image_fit) << missing.base;
    }
}

TEST(LoadLinux, MemoryMapMustFitItsTable) {
    auto file = SyntheticKernel().file();
    GuestMemory memory({{0, 64 * mib}});
    std::vector<abi::MemoryMapEntry> map{{{0, 0xA0000}, E820_RAM}, {{1 * mib, 63 * mib}, E820_RAM}};
    auto load = [&] {
        return load_linux(memory.window(), {file, {}, {}, map, {}, 0x1234}).error();
    };
    while (map.size() < E820_MAX_ENTRIES_ZEROPAGE)
        map.push_back({{4 * gib + map.size() * mib, 1 * mib}, E820_RESERVED});
    EXPECT_EQ(load(), Rule::none);
    map.push_back({{8 * gib, 1 * mib}, E820_RESERVED});
    EXPECT_EQ(load(), Rule::memory_pieces);
}

TEST(LoadLinux, SegmentsOfAnElfFileAreInTheirPlaces) {
    Loading l(64 * mib);
    l.initrd = pattern(1 * mib);
    SyntheticElf kernel;
    // What was in memory before, where the last segment has no contents and in a gap.
    std::vector<u8> rest(0x9000, 0xEE);
    ASSERT_TRUE(place_bytes(l.memory.window(), 16 * mib + 0x5000, rest));
    ASSERT_TRUE(place_bytes(l.memory.window(), 16 * mib + 0x3000, std::vector<u8>(1, 0xEE)));
    auto entry = l.load(kernel.file());
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->rip, 16 * mib + 0x100);
    EXPECT_EQ(entry->rsi, guest_map::boot_params);
    auto file = kernel.file();
    auto memory = l.memory.read(16 * mib, 0xE000);
    auto same = [&](usize from, usize to, usize size) {
        return std::equal(file.begin() + static_cast<std::ptrdiff_t>(from),
                          file.begin() + static_cast<std::ptrdiff_t>(from + size),
                          memory.begin() + static_cast<std::ptrdiff_t>(to));
    };
    EXPECT_TRUE(same(0x1000, 0, 0x3000));
    EXPECT_TRUE(same(0x4000, 0x4000, 0x1000));
    EXPECT_TRUE(same(0x5000, 0x5000, 0x1800));
    EXPECT_EQ(std::count(memory.begin() + 0x6800, memory.begin() + 0xD000, 0), 0x6800);
    EXPECT_EQ(memory[0x3000], 0xEE) << "nobody's";
    EXPECT_EQ(memory[0xD000], 0xEE) << "nobody's";
    auto params = l.params();
    EXPECT_EQ(+params.hdr.header, 0x53726448u);
    EXPECT_EQ(+params.hdr.type_of_loader, 0xFF);
    EXPECT_EQ(+params.hdr.cmd_line_ptr, guest_map::boot_cmdline);
    EXPECT_EQ(+params.hdr.ramdisk_image, 63 * mib);
    EXPECT_EQ(+params.hdr.ramdisk_size, 1 * mib);
    EXPECT_EQ(+params.acpi_rsdp_addr, guest_map::acpi.base);
    EXPECT_EQ(+params.e820_entries, 3);
}

TEST(LoadLinux, ElfFilesHaveNoOtherPlace) {
    Loading l(64 * mib);
    EXPECT_TRUE(l.load(SyntheticElf(1 * mib).file()));
    EXPECT_TRUE(l.load(SyntheticElf(64 * mib - 0xD000).file()));
    for (u64 base : {u64{0}, 1 * mib - page_size, 64 * mib - 0xC000, 64 * mib, 4 * gib - 0xD000})
        EXPECT_EQ(l.load(SyntheticElf(base).file()).error(), Rule::image_fit) << base;
    l.keep_out = {{16 * mib + 0x3000, 1}};
    EXPECT_EQ(l.load(SyntheticElf().file()).error(), Rule::image_fit) << "in a gap, and yet";
    l.keep_out.clear();
    l.memory = GuestMemory({{0, 16 * mib + 0x7000}, {16 * mib + 0x8000, 1 * mib}});
    EXPECT_EQ(l.load(SyntheticElf().file()).error(), Rule::image_fit) << "no memory for zeroes";
}

TEST(LoadLinux, ElfFilesAreKeptApartFromTheInitrd) {
    Loading l(64 * mib);
    l.initrd = pattern(15 * mib);
    auto entry = l.load(SyntheticElf(64 * mib - 0xD000).file());
    ASSERT_TRUE(entry);
    EXPECT_EQ(l.params().hdr.ramdisk_image, 49 * mib - round_up(0xD000, page_size));
    SyntheticElf kernel(2 * mib);
    kernel.segments[2].p_memsz = 50 * mib; // and the kernel's last byte
    EXPECT_EQ(l.load(kernel.file()).error(), Rule::image_fit);
    l.cmdline.assign(guest_map::boot_cmdline_max, 'x');
    EXPECT_EQ(l.load(kernel.file()).error(), Rule::cmdline_length);
    kernel.header.e_machine = EM_AARCH64;
    EXPECT_EQ(l.load(kernel.file()).error(), Rule::image_kind);
}

TEST(PlaceBytes, ZeroesAcrossPages) {
    GuestMemory memory({{0, 4 * mib}});
    ASSERT_TRUE(place_bytes(memory.window(), 0, std::vector<u8>(4 * mib, 1)));
    EXPECT_TRUE(place_zeroes(memory.window(), 1 * mib, 2 * mib));
    auto bytes = memory.read(0, 4 * mib);
    EXPECT_EQ(std::count(bytes.begin(), bytes.end(), 0), 2 * mib);
    EXPECT_EQ(bytes[1 * mib - 1], 1);
    EXPECT_EQ(bytes[3 * mib], 1);
    EXPECT_FALSE(place_zeroes(memory.window(), 3 * mib, 1 * mib + 1));
    EXPECT_FALSE(place_zeroes(memory.window(), ~u64{0} - 1, 3));
    EXPECT_TRUE(place_zeroes(memory.window(), 5 * mib, 0));
}

TEST(PlaceBytes, CopiesAcrossPages) {
    GuestMemory memory({{0, 2 * mib}, {2 * mib, 2 * mib}});
    auto bytes = pattern(3 * mib);
    EXPECT_TRUE(place_bytes(memory.window(), 512 * kib, bytes));
    EXPECT_EQ(memory.read(512 * kib, bytes.size()), bytes);
    EXPECT_FALSE(place_bytes(memory.window(), 1 * mib + 1, bytes));
    EXPECT_FALSE(place_bytes(memory.window(), ~u64{0} - 1, bytes));
    EXPECT_TRUE(place_bytes(memory.window(), 5 * mib, {}));
}

} // namespace
} // namespace cloison::core
