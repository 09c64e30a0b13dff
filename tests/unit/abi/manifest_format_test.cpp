// SPDX-License-Identifier: Apache-2.0
// The manifest's bytes: every kind of damage, tables that lie about where they are, and tables that
// contradict each other.
#include "firmware/abi/verify.hpp"
#include "tests/unit/abi/manifest_builder.hpp"
#include "tests/unit/abi/verdict_printing.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace cloison::abi {
namespace {

using test::ManifestBuilder;
using test::two_partitions;

/// The rule that a manifest breaks after `spoil`, its index tables as they were.
Rule after(const std::function<void(ManifestBuilder&)>& spoil) {
    ManifestBuilder b = two_partitions();
    spoil(b);
    return verify(b.bytes()).rule;
}

/// The rule broken when the header is changed under a good CRC.
Rule after_header(const std::function<void(ManifestHeader&)>& spoil) {
    auto bytes = two_partitions().bytes();
    ManifestHeader h;
    std::memcpy(&h, bytes.data(), sizeof h);
    spoil(h);
    std::memcpy(bytes.data(), &h, sizeof h);
    ManifestBuilder::fix_crc(bytes);
    return verify(bytes).rule;
}

TEST(ManifestFormat, EveryDamagedByteIsRefused) {
    const auto sound = two_partitions().bytes();
    ASSERT_TRUE(verify(sound).ok());
    auto bytes = sound;
    for (usize i = 0; i < bytes.size(); ++i) {
        for (u32 damage : {0x01u, 0x02u, 0x80u, 0x55u, 0xFFu}) {
            bytes[i] = static_cast<u8>(sound[i] ^ damage);
            Rule rule = verify(bytes).rule;
            ASSERT_TRUE(rule == Rule::manifest_damaged || rule == Rule::manifest_format)
                << "byte " << i << ": " << rule_name(rule);
            ASSERT_TRUE(i < 16 || rule == Rule::manifest_damaged) << "byte " << i;
        }
        bytes[i] = sound[i];
    }
}

TEST(ManifestFormat, EveryOtherLengthIsRefused) {
    const auto sound = two_partitions().bytes();
    for (usize size = 0; size < sound.size(); ++size) {
        // A copy of its own, so that a read past the end is a heap overflow.
        std::vector<u8> part(sound.begin(), sound.begin() + static_cast<std::ptrdiff_t>(size));
        ASSERT_EQ(verify(part).rule, Rule::manifest_format) << size;
    }
    auto longer = sound;
    longer.push_back(0);
    EXPECT_EQ(verify(longer).rule, Rule::manifest_format);
}

TEST(ManifestFormat, TruncationUnderAGoodCrcIsRefused) {
    const auto sound = two_partitions().bytes();
    for (usize size = sizeof(ManifestHeader); size < sound.size(); size += 8) {
        std::vector<u8> part(sound.begin(), sound.begin() + static_cast<std::ptrdiff_t>(size));
        auto length = static_cast<u32>(size);
        std::memcpy(part.data() + offsetof(ManifestHeader, size), &length, sizeof length);
        ManifestBuilder::fix_crc(part);
        ASSERT_EQ(verify(part).rule, Rule::manifest_format) << size;
    }
}

TEST(ManifestFormat, AddressMustBeAligned) {
    const auto sound = two_partitions().bytes();
    std::vector<u8> room(sound.size() + 8);
    for (usize shift = 0; shift <= 8; ++shift) {
        auto at = std::span(room).subspan(shift, sound.size());
        std::copy(sound.begin(), sound.end(), at.begin());
        EXPECT_EQ(verify(at).ok(), shift % 8 == 0) << shift;
    }
}

TEST(ManifestFormat, OtherVersionsAndFlagsAreRefused) {
    EXPECT_EQ(after_header([](auto& h) { ++h.version; }), Rule::manifest_format);
    EXPECT_EQ(after_header([](auto& h) { --h.version; }), Rule::manifest_format);
    EXPECT_EQ(after_header([](auto& h) { h.machine_flags = 4; }), Rule::manifest_format);
    for (u32 flags : {2u, 3u})
        EXPECT_EQ(after_header([=](auto& h) { h.machine_flags = flags; }), Rule::none);
}

constexpr Table ManifestHeader::*header_tables[] = {
    &ManifestHeader::cpus,           &ManifestHeader::ram,
    &ManifestHeader::partitions,     &ManifestHeader::partitions_by_name,
    &ManifestHeader::processors,     &ManifestHeader::memory,
    &ManifestHeader::memory_by_host, &ManifestHeader::images,
    &ManifestHeader::devices,        &ManifestHeader::devices_by_group,
    &ManifestHeader::resources};

TEST(ManifestFormat, TablesThatLieAboutTheirPlaceAreRefused) {
    const auto size = static_cast<u32>(two_partitions().bytes().size());
    for (auto table : header_tables) {
        for (u32 offset : {size & ~7u, size + 8, 0x7FFFFFF8u, 0xFFFFFFF8u})
            EXPECT_EQ(after_header([&](auto& h) { (h.*table).offset = offset; }),
                      Rule::manifest_format)
                << offset;
        for (u32 count : {size, 0x10000000u, 0x20000000u, 0x80000000u, 0xFFFFFFFFu})
            EXPECT_EQ(after_header([&](auto& h) { (h.*table).count = count; }),
                      Rule::manifest_format)
                << count;
        EXPECT_EQ(after_header([&](auto& h) { (h.*table).offset += 4; }), Rule::manifest_format);
    }
}

TEST(ManifestFormat, PartitionsPayloadMustLieInside) {
    // The partitions' table, behind the header through which it is found.
    auto spoilt = [](auto spoil) {
        auto bytes = two_partitions().bytes();
        ManifestHeader h;
        std::memcpy(&h, bytes.data(), sizeof h);
        PartitionRecord record;
        std::memcpy(&record, bytes.data() + h.partitions.offset, sizeof record);
        spoil(record);
        std::memcpy(bytes.data() + h.partitions.offset, &record, sizeof record);
        ManifestBuilder::fix_crc(bytes);
        return verify(bytes).rule;
    };
    for (auto table : {&PartitionRecord::cmdline, &PartitionRecord::acpi}) {
        EXPECT_EQ(spoilt([&](auto& p) { (p.*table).offset = 0xFFFFFFF8; }), Rule::manifest_format);
        EXPECT_EQ(spoilt([&](auto& p) { (p.*table).count = 0xFFFFFFFF; }), Rule::manifest_format);
        EXPECT_EQ(spoilt([&](auto& p) { (p.*table).offset |= 1; }), Rule::manifest_format);
    }
}

TEST(ManifestFormat, CommandLineHoldsNoNul) {
    EXPECT_EQ(after([](auto& b) { b.cmdlines[1] = std::string("a\0b", 3); }),
              Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.cmdlines[1].clear(); }), Rule::none);
}

TEST(ManifestFormat, ReservedFieldsAreZero) {
    EXPECT_EQ(after([](auto& b) { b.cpus[1].reserved = 1; }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.memory[1].reserved = 1; }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.partitions[1].flags = 2; }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.devices[1].flags |= 4; }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.resources[0].kind = 0; }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.resources.back().kind = 4; }), Rule::manifest_format);
}

TEST(ManifestFormat, IndexTablesListEverythingOnce) {
    EXPECT_EQ(after([](auto& b) { b.partitions_by_name.pop_back(); }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.partitions_by_name.push_back(0); }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.partitions_by_name[0] = 2; }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.partitions_by_name[1] = 1; }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.memory_by_host.pop_back(); }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.memory_by_host[0] = 4; }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.memory_by_host[1] = b.memory_by_host[2]; }),
              Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.devices_by_group.pop_back(); }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.devices_by_group.push_back(0); }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.devices_by_group[0] = 4; }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.devices_by_group[2] = b.devices_by_group[1]; }),
              Rule::manifest_format);
}

TEST(ManifestFormat, TablesAreInOrder) {
    auto swap = [](auto& table) { std::swap(table[0], table[1]); };
    EXPECT_EQ(after([&](auto& b) { swap(b.partitions_by_name); }), Rule::manifest_format);
    EXPECT_EQ(after([&](auto& b) { swap(b.memory_by_host); }), Rule::manifest_format);
    EXPECT_EQ(after([&](auto& b) { swap(b.ram); }), Rule::manifest_format);
    for (usize i : {0u, 1u, 2u})
        EXPECT_EQ(after([&](auto& b) { std::swap(b.devices[i], b.devices[i + 1]); }),
                  Rule::manifest_format);
    for (usize i = 0; i + 1 < two_partitions().resources.size(); ++i)
        EXPECT_EQ(after([&](auto& b) { std::swap(b.resources[i], b.resources[i + 1]); }),
                  Rule::manifest_format)
            << i;
    for (usize i : {0u, 1u, 2u})
        EXPECT_EQ(
            after([&](auto& b) { std::swap(b.devices_by_group[i], b.devices_by_group[i + 1]); }),
            Rule::manifest_format);
    EXPECT_EQ(after([&](auto& b) { std::swap(b.cpus[0].apic_id, b.cpus[1].apic_id); }),
              Rule::manifest_format);
    EXPECT_EQ(after([&](auto& b) { std::swap(b.memory[1].guest, b.memory[2].guest); }),
              Rule::manifest_format);
}

TEST(ManifestFormat, RamRangesAreSound) {
    EXPECT_EQ(after([](auto& b) { b.ram[1].size = 0; }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.ram[1].size = ~u64{0}; }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.ram[0].size = 5 * gib; }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.ram[1] = b.ram[0]; }), Rule::manifest_format);
}

TEST(ManifestFormat, RunsFollowEachOther) {
    for (u32 p : {0u, 1u}) {
        EXPECT_EQ(after([&](auto& b) { ++b.partitions[p].first_processor; }),
                  Rule::manifest_format);
        EXPECT_EQ(after([&](auto& b) { ++b.partitions[p].processor_count; }),
                  Rule::manifest_format);
        EXPECT_EQ(after([&](auto& b) { ++b.partitions[p].first_memory; }), Rule::manifest_format);
        EXPECT_EQ(after([&](auto& b) { --b.partitions[p].memory_count; }), Rule::manifest_format);
    }
    EXPECT_EQ(after([](auto& b) { // what the first has too much the second has too little
                  b.partitions[0].processor_count = 0xFFFFFFFF;
                  b.partitions[1].first_processor = 0xFFFFFFFF;
                  b.partitions[1].processor_count = 4;
              }),
              Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.memory[3].partition = 0; }), Rule::manifest_format);
}

TEST(ManifestFormat, CpuAndUserNameEachOther) {
    EXPECT_EQ(after([](auto& b) { b.cpus[1].partition = 0; }), Rule::manifest_format) << "stale";
    EXPECT_EQ(after([](auto& b) { b.cpus[1].partition = 2; }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.cpus[1].virtual_id = 1; }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.cpus[2].partition = unassigned; }), Rule::manifest_format);
    EXPECT_EQ(after([](auto& b) { b.cpus[2].virtual_id = 1; }), Rule::manifest_format);
}

TEST(ManifestFormat, DevicesAndResourcesHaveOwners) {
    for (u32 nobody : {2u, unassigned}) {
        EXPECT_EQ(after([&](auto& b) { b.devices[2].partition = nobody; }), Rule::manifest_format);
        for (usize i : {0u, 3u, 5u})
            EXPECT_EQ(after([&](auto& b) { b.resources[i].partition = nobody; }),
                      Rule::manifest_format);
    }
}

TEST(ManifestFormat, ReachIsThatOfDma) {
    auto reach_4g = static_cast<u32>(DeviceFlag::reach_4g);
    EXPECT_EQ(after([&](auto& b) { b.devices[3].flags = reach_4g; }), Rule::manifest_format);
}

TEST(ManifestFormat, ViewShowsWhatWasWritten) {
    auto bytes = two_partitions().bytes();
    auto view = open_manifest(bytes);
    ASSERT_TRUE(view);
    ASSERT_EQ(view->partitions.size(), 2u);
    EXPECT_STREQ(view->partitions[view->partitions_by_name[0]].name, "alpha");
    EXPECT_EQ(view->memory_of(view->partitions[0]).size(), 3u);
    EXPECT_EQ(view->memory_of(view->partitions[1])[0].host, 256 * mib);
    EXPECT_EQ(view->processors_of(view->partitions[0])[0].cpu, 3u);
    ASSERT_EQ(view->devices.size(), 4u);
    EXPECT_EQ(view->devices[view->devices_by_group[0]].address, 0x100u);
    ASSERT_EQ(view->resources.size(), 8u);
    EXPECT_EQ(view->resources[2].base, 16 * gib);
    auto cmdline = view->bytes_of(view->partitions[1].cmdline);
    EXPECT_EQ(std::string(cmdline.begin(), cmdline.end()), "console=ttyS0");
}

TEST(ManifestFormat, ViewGivesNothingOutOfBounds) {
    auto bytes = two_partitions().bytes();
    auto view = open_manifest(bytes);
    ASSERT_TRUE(view);
    PartitionRecord foreign = view->partitions[1];
    foreign.memory_count = 2;
    foreign.first_processor = ~u32{0};
    foreign.acpi = {~u32{0}, 2};
    EXPECT_TRUE(view->memory_of(foreign).empty());
    EXPECT_TRUE(view->processors_of(foreign).empty());
    EXPECT_TRUE(view->bytes_of(foreign.acpi).empty());
}

} // namespace
} // namespace cloison::abi
