// SPDX-License-Identifier: Apache-2.0
#include "firmware/abi/placement.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace cloison::abi {
namespace {

constexpr LinuxShape debian{.load_size = 8 * mib,
                            .init_size = 40 * mib,
                            .preferred = 16 * mib,
                            .alignment = 2 * mib,
                            .relocatable = true,
                            .initrd_max = 0x7FFFFFFF};

constexpr std::array<MemoryMapEntry, 3> pc(u64 size) {
    return {{{{0, 0xA0000}, E820_RAM},
             {{0xF0000, 0x10000}, E820_RESERVED},
             {{1 * mib, size - 1 * mib}, E820_RAM}}};
}

// The same arithmetic judges at compile time.
static_assert(place_linux(debian, 10 * mib, pc(256 * mib))->kernel == 16 * mib);
static_assert(place_linux(debian, 10 * mib, pc(256 * mib))->initrd == 246 * mib);
static_assert(!place_linux(debian, 0, pc(55 * mib)));
static_assert(place_linux(debian, 0, pc(56 * mib)));

TEST(Placement, InitrdMustFitBesideTheKernel) {
    EXPECT_FALSE(place_linux(debian, 15 * mib + 1, pc(56 * mib)));
    auto below = place_linux(debian, 15 * mib, pc(56 * mib));
    ASSERT_TRUE(below) << "between 1 MiB and the kernel";
    EXPECT_EQ(below->initrd, 1 * mib);
    EXPECT_FALSE(place_linux(debian, ~u64{0}, pc(3 * gib)));
    EXPECT_EQ(place_linux(debian, 0, pc(256 * mib))->initrd, 0u);
}

TEST(Placement, InitrdEndsOnThePageBelowItsLimit) {
    EXPECT_EQ(place_linux(debian, 1, pc(3 * gib))->initrd, 2 * gib - page_size);
    LinuxShape shape = debian;
    shape.initrd_max = 100 * mib; // this byte too
    EXPECT_EQ(place_linux(shape, page_size + 1, pc(3 * gib))->initrd, 100 * mib - page_size);
    shape.initrd_max = 0;
    EXPECT_FALSE(place_linux(shape, 1, pc(3 * gib)));
}

TEST(Placement, NothingGoesAbove4GiB) {
    std::vector<MemoryMapEntry> map{
        {{0, 0xA0000}, E820_RAM}, {{1 * mib, 63 * mib}, E820_RAM}, {{4 * gib, 64 * gib}, E820_RAM}};
    LinuxShape shape = debian;
    shape.initrd_max = ~u64{0};
    EXPECT_FALSE(place_linux(shape, 64 * mib, map));
    shape.preferred = 4 * gib;
    EXPECT_FALSE(place_linux(shape, 0, map));
    map.back().extent.base = 2 * gib; // one entry across 4 GiB
    shape.preferred = 4 * gib - 2 * mib;
    EXPECT_FALSE(place_linux(shape, 0, map));
    shape.preferred = 3 * gib;
    EXPECT_EQ(place_linux(shape, 1 * mib, map)->initrd, 4 * gib - 1 * mib);
}

TEST(Placement, RelocatableKernelEvadesWhatMustBeKept) {
    std::array keep{Extent{20 * mib, 1 * mib}, Extent{60 * mib, 5 * mib}};
    EXPECT_EQ(place_linux(debian, 0, pc(256 * mib), keep)->kernel, 66 * mib);
    LinuxShape fixed = debian;
    fixed.relocatable = false;
    EXPECT_FALSE(place_linux(fixed, 0, pc(256 * mib), keep));
    EXPECT_EQ(place_linux(fixed, 0, pc(256 * mib))->kernel, 16 * mib);
}

TEST(Placement, LoadersOwnPagesMustBeFreeRam) {
    std::array gdt{Extent{guest_map::boot_gdt, 1}};
    EXPECT_FALSE(place_linux(debian, 0, pc(256 * mib), gdt));
    std::array cmdline{Extent{guest_map::boot_cmdline, 1}};
    EXPECT_FALSE(place_linux(debian, 0, pc(256 * mib), cmdline));
    auto map = pc(256 * mib);
    map[0].extent.size = guest_map::boot_stack - 1;
    EXPECT_FALSE(place_linux(debian, 0, map));
    map[0].extent.size = guest_map::boot_stack;
    EXPECT_TRUE(place_linux(debian, 0, map));
}

TEST(Placement, HostileShapes) {
    constexpr u64 values[] = {0, 1, page_size, 1 * mib, 4 * gib - 1, 4 * gib, ~u64{0} - 1, ~u64{0}};
    auto map = pc(256 * mib);
    for (u64 preferred : values) {
        for (u64 init : values) {
            for (bool relocatable : {false, true}) {
                LinuxShape shape{1 * mib, init, preferred, u64{1} << 31, relocatable, ~u64{0}};
                auto place = place_linux(shape, 0, map);
                u64 size = std::max(init, 1 * mib);
                if (place) {
                    EXPECT_TRUE(map[2].extent.contains(Extent{place->kernel, size}));
                }
                bool fits = preferred == 1 * mib && size <= 255 * mib && !relocatable;
                EXPECT_EQ(place.has_value(), fits) << preferred << " " << init;
            }
        }
    }
}

TEST(Placement, HostileMapEntriesAreNoRam) {
    auto map = pc(256 * mib);
    map[2].extent = {16 * mib, ~u64{0}}; // wraps
    EXPECT_FALSE(place_linux(debian, 0, map));
    map[2] = {{16 * mib, 240 * mib}, E820_UNUSABLE};
    EXPECT_FALSE(place_linux(debian, 0, map));
}

TEST(Placement, LeastShapeNeverDemandsMoreThanAKernelOfThatSize) {
    for (u64 image : {u64{1}, 100 * kib, 1 * mib, 40 * mib}) {
        for (u64 memory = 2 * mib; memory < 128 * mib; memory += 2 * mib) {
            LinuxShape real = debian;
            real.load_size = image - std::min(image, 5 * u64{512});
            if (place_linux(real, 3 * mib, pc(memory))) {
                EXPECT_TRUE(place_linux(least_shape(image), 3 * mib, pc(memory)));
            }
        }
    }
    EXPECT_FALSE(place_linux(least_shape(40 * mib), 0, pc(32 * mib)));
}

TEST(Placement, AnElfFilesSizeTellsNothing) {
    LinuxShape tiny{1, 1, 1 * mib, page_size, false, ~u64{0}};
    for (u64 initrd : {1 * mib, 31 * mib - page_size, 31 * mib - page_size + 1})
        EXPECT_EQ(place_linux(tiny, initrd, pc(32 * mib)).has_value(),
                  place_linux(least_elf_shape, initrd, pc(32 * mib)).has_value())
            << initrd;
}

/// What place_linux answers, found by trying every page.
std::optional<LinuxPlace> search(const LinuxShape& shape, u64 initrd_size,
                                 std::span<const MemoryMapEntry> map,
                                 std::span<const Extent> keep_out, u64 end) {
    auto usable = [&](const Extent& e, const Extent& other) {
        bool ram = false;
        for (const MemoryMapEntry& m : map)
            ram = ram || (m.type == E820_RAM && m.extent.contains(e));
        for (const Extent& k : keep_out)
            ram = ram && !k.overlaps(e);
        return ram && e.base >= 1 * mib && !other.overlaps(e);
    };
    for (u64 kernel = shape.preferred; kernel < end; kernel += page_size) {
        Extent code{kernel, shape.init_size};
        if (kernel % shape.alignment != 0 || !usable(code, {}))
            continue;
        if (initrd_size == 0)
            return LinuxPlace{kernel, 0};
        for (u64 initrd = end; initrd > 0; initrd -= page_size) {
            if (initrd + initrd_size - 1 <= shape.initrd_max && usable({initrd, initrd_size}, code))
                return LinuxPlace{kernel, initrd};
        }
        return std::nullopt;
    }
    return std::nullopt;
}

TEST(Placement, IsWhatASearchOfEveryPageFinds) {
    std::mt19937 random(1);
    auto page = [&](u64 pages) { return random() % pages * page_size; };
    u32 found = 0;
    for (u32 round = 0; round < 3000; ++round) {
        constexpr u64 span = 64;
        std::vector<MemoryMapEntry> map{{{0, 0xA0000}, E820_RAM}};
        for (u64 at = 1 * mib; at < 1 * mib + span * page_size;) {
            u64 size = page(30) + random() % 3 * 512 + 1;
            map.push_back({{at, size}, random() % 4 != 0 ? u32{E820_RAM} : u32{E820_RESERVED}});
            at += size + page(4);
        }
        std::vector<Extent> keep_out;
        for (u64 i = random() % 3; i > 0; --i)
            keep_out.push_back({1 * mib + page(span) + random() % 100, page(6) + 1});
        LinuxShape shape{
            page_size, page(12) + page_size,    1 * mib + page(40), page_size << random() % 3,
            true,      1 * mib + page(2 * span)};
        u64 initrd = random() % 3 * page(10) + random() % 2;
        auto place = place_linux(shape, initrd, map, keep_out);
        auto expected = search(shape, initrd, map, keep_out, 1 * mib + 2 * span * page_size);
        ASSERT_EQ(place.has_value(), expected.has_value()) << round;
        found += place ? 1 : 0;
        if (place) {
            EXPECT_EQ(place->kernel, expected->kernel) << round;
            EXPECT_EQ(place->initrd, expected->initrd) << round;
        }
    }
    EXPECT_GT(found, 300u);
    EXPECT_LT(found, 2700u);
}

} // namespace
} // namespace cloison::abi
