// SPDX-License-Identifier: Apache-2.0
// For each rule a manifest that breaks it and no other, and who is named as the offender.
#include "firmware/abi/rule_sentences.hpp"
#include "firmware/abi/verify.hpp"
#include "tests/unit/abi/manifest_builder.hpp"
#include "tests/unit/abi/verdict_printing.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace cloison::abi {
namespace {

using test::ManifestBuilder;
using test::two_partitions;

/// The verdict on the sound manifest after `spoil`, its index tables in order again.
Verdict after(const std::function<void(ManifestBuilder&)>& spoil) {
    ManifestBuilder b = two_partitions();
    spoil(b);
    b.sort();
    return verify(b.bytes());
}

Verdict broken(Rule rule, u32 first = ~u32{0}, u32 second = ~u32{0}) {
    return {rule, first, second};
}

TEST(Verify, SoundManifestIsAccepted) {
    EXPECT_EQ(after([](ManifestBuilder&) {}), Verdict{});
}

TEST(Verify, LayoutWithoutPartitions) {
    ManifestBuilder b;
    b.header.firmware = {2 * mib, 4 * mib};
    b.ram = {{2 * mib, 1 * gib}};
    EXPECT_EQ(verify(b.bytes()), broken(Rule::no_partitions));
}

TEST(Verify, NamesAreWellFormed) {
    for (const char* bad : {"", "Alpha", "1st", "-a", "a_b", "a b", "\xC3\xA9", "a.b"})
        EXPECT_EQ(after([&](auto& b) { b.rename(1, bad); }), broken(Rule::partition_name, 1))
            << bad;
    for (const char* good : {"a", "a-b-9", "abcdefghijklmnopqrstuvwxyz01234"})
        EXPECT_EQ(after([&](auto& b) { b.rename(1, good); }), Verdict{}) << good;
}

TEST(Verify, NamesEndInZeroes) {
    EXPECT_EQ(after([](auto& b) { b.rename(0, std::string(name_size, 'b')); }),
              broken(Rule::partition_name, 0));
    EXPECT_EQ(after([](auto& b) { b.partitions[0].name[name_size - 1] = 'x'; }),
              broken(Rule::partition_name, 0));
}

TEST(Verify, NamesDiffer) {
    EXPECT_EQ(after([](auto& b) { b.rename(1, "beta"); }), broken(Rule::partition_name, 0, 1));
}

TEST(Verify, PoliciesAreKnown) {
    EXPECT_EQ(after([](auto& b) { b.partitions[1].role = 3; }), broken(Rule::policy_unknown, 1));
    EXPECT_EQ(after([](auto& b) { b.partitions[1].boot_kind = 0; }),
              broken(Rule::policy_unknown, 1));
    EXPECT_EQ(after([](auto& b) { b.partitions[1].boot_kind = 3; }),
              broken(Rule::policy_unknown, 1));
    EXPECT_EQ(after([](auto& b) { b.partitions[1].failure_policy = 1; }), Verdict{});
    EXPECT_EQ(after([](auto& b) { b.partitions[1].failure_policy = 2; }),
              broken(Rule::policy_unknown, 1));
    for (u32 role : {0u, 1u, 2u})
        EXPECT_EQ(after([&](auto& b) { b.partitions[1].role = role; }), Verdict{});
}

TEST(Verify, VirtualCpusHavePhysicalOnes) {
    EXPECT_EQ(after([](auto& b) { b.processors[2].cpu = 4; }), broken(Rule::cpu_unknown, 2));
    EXPECT_EQ(after([](auto& b) { b.processors[0].cpu = ~u32{0}; }), broken(Rule::cpu_unknown, 0));
    EXPECT_EQ(after([](auto& b) { b.cpus[3].apic_id = ~u32{0}; }), broken(Rule::cpu_unknown, 3));
}

TEST(Verify, PhysicalCpusAreUsedOnce) {
    EXPECT_EQ(after([](auto& b) { b.processors[2].cpu = 0; }), broken(Rule::cpu_double_use, 1, 2))
        << "by two partitions";
    EXPECT_EQ(after([](auto& b) { b.processors[1].cpu = 3; }), broken(Rule::cpu_double_use, 0, 1))
        << "twice by one partition";
}

TEST(Verify, EveryPartitionHasACpu) {
    EXPECT_EQ(after([](auto& b) {
                  b.add_partition("gamma", {});
                  b.add_memory(0, 1536 * mib, 64 * mib);
              }),
              broken(Rule::cpu_none, 2));
}

TEST(Verify, ApicIdsDiffer) {
    EXPECT_EQ(after([](auto& b) { b.cpus[2].apic_id = 1; }), broken(Rule::apic_id_duplicate, 1, 2));
}

TEST(Verify, MemoryIsInWhole2MibPages) {
    for (u64 wrong : {u64{1}, 1 * mib, u64{1} << 63 | page_size}) {
        EXPECT_EQ(after([&](auto& b) { b.memory[1].guest += wrong; }),
                  broken(Rule::memory_alignment, 1));
        EXPECT_EQ(after([&](auto& b) { b.memory[1].host += wrong; }),
                  broken(Rule::memory_alignment, 1));
        EXPECT_EQ(after([&](auto& b) { b.memory[1].size += wrong; }),
                  broken(Rule::memory_alignment, 1));
    }
    EXPECT_EQ(after([](auto& b) { b.memory[1].size = 0; }), broken(Rule::memory_alignment, 1));
}

TEST(Verify, MemoryDoesNotWrap) {
    EXPECT_EQ(after([](auto& b) { b.memory[2].host = ~u64{0} - 2 * mib + 1; }),
              broken(Rule::memory_alignment, 2));
    EXPECT_EQ(after([](auto& b) { b.memory[2].guest = ~u64{0} - 2 * mib + 1; }),
              broken(Rule::memory_alignment, 2));
    EXPECT_EQ(after([](auto& b) { b.memory[2].size = ~u64{0} - 2 * mib + 1; }),
              broken(Rule::memory_alignment, 2));
}

TEST(Verify, MemoryBeginsAtGuestAddressZero) {
    EXPECT_EQ(after([](auto& b) { b.memory[3].guest = 2 * mib; }), broken(Rule::memory_none, 1));
    EXPECT_EQ(after([](auto& b) { b.add_partition("gamma", {1}); }), broken(Rule::memory_none, 2));
}

TEST(Verify, GuestAddressesAreGivenOnce) {
    EXPECT_EQ(after([](auto& b) { b.memory[1].guest = 1 * gib - 2 * mib; }),
              broken(Rule::memory_guest_overlap, 0, 1));
    EXPECT_EQ(after([](auto& b) { b.memory[1].guest = 0; }),
              broken(Rule::memory_guest_overlap, 0, 1));
}

TEST(Verify, GuestAddressesOfDevicesStayFree) {
    EXPECT_EQ(after([](auto& b) { b.memory[1].guest = 1 * gib + 2 * mib; }),
              broken(Rule::memory_guest_hole, 1))
        << "2 MiB into the PCI window";
    EXPECT_EQ(after([](auto& b) { b.memory[2].guest = 4 * gib - 2 * mib; }),
              broken(Rule::memory_guest_hole, 2));
    EXPECT_EQ(after([](auto& b) { b.memory[2].guest = u64{1} << 48; }),
              broken(Rule::memory_guest_hole, 2));
    EXPECT_EQ(after([](auto& b) { b.memory[2].guest = (u64{1} << 48) - 1 * gib; }), Verdict{});
}

TEST(Verify, MemoryIsRam) {
    EXPECT_EQ(after([](auto& b) { b.memory[2].host = 8 * gib + 2 * mib; }),
              broken(Rule::memory_outside_ram, 2))
        << "2 MiB past the end";
    EXPECT_EQ(after([](auto& b) { b.memory[2].host = 16 * gib; }),
              broken(Rule::memory_outside_ram, 2));
    EXPECT_EQ(after([](auto& b) { b.memory[3].host = 3 * gib; }),
              broken(Rule::memory_outside_ram, 3))
        << "in the gap";
    EXPECT_EQ(after([](auto& b) {
                  b.ram[0] = {0, 3 * gib};
                  b.header.firmware.base = 1 * gib + 512 * mib;
                  b.memory[3].host = 0;
              }),
              broken(Rule::memory_outside_ram, 3))
        << "the first pages are the BIOS's";
}

TEST(Verify, RamRangesThatTouchAreOne) {
    EXPECT_EQ(after([](auto& b) {
                  b.ram = {{1 * mib, 299 * mib},
                           {300 * mib, 3 * gib - 300 * mib},
                           {4 * gib, 1 * gib},
                           {5 * gib, 1 * gib},
                           {6 * gib, 2 * gib}};
              }),
              Verdict{});
}

TEST(Verify, FirmwareAndStagingAreRam) {
    for (Extent wrong : {Extent{0, 4 * mib}, Extent{3 * gib, 4 * mib}, Extent{~u64{0}, 4 * mib}}) {
        EXPECT_EQ(after([&](auto& b) { b.header.firmware = wrong; }),
                  broken(Rule::memory_outside_ram, party_firmware));
        EXPECT_EQ(after([&](auto& b) { b.header.staging = wrong; }),
                  broken(Rule::memory_outside_ram, party_staging));
    }
    EXPECT_EQ(after([](auto& b) { b.header.firmware = {}; }),
              broken(Rule::memory_outside_ram, party_firmware));
    EXPECT_EQ(after([](auto& b) { b.header.staging = {}; }), Verdict{});
}

TEST(Verify, HostMemoryIsGivenOnce) {
    EXPECT_EQ(after([](auto& b) { b.memory[3].host = 510 * mib; }),
              broken(Rule::memory_overlap, 3, 0))
        << "two partitions";
    EXPECT_EQ(after([](auto& b) { b.memory[3].host = 512 * mib; }),
              broken(Rule::memory_overlap, 0, 3));
    EXPECT_EQ(after([](auto& b) { b.memory[2].host = 5 * gib; }),
              broken(Rule::memory_overlap, 1, 2))
        << "within one partition";
}

TEST(Verify, FirmwareAndStagingAreGivenToNobody) {
    EXPECT_EQ(after([](auto& b) {
                  b.header.firmware = {510 * mib, 4 * mib};
              }),
              broken(Rule::memory_overlap, 3, party_firmware));
    EXPECT_EQ(after([](auto& b) {
                  b.header.staging = {1 * gib, page_size};
              }),
              broken(Rule::memory_overlap, 0, party_staging));
    EXPECT_EQ(after([](auto& b) {
                  b.header.staging = {6 * mib - 1, 1};
              }),
              broken(Rule::memory_overlap, party_firmware, party_staging));
}

TEST(Verify, GuestMemoryHasFewPieces) {
    auto scatter = [](u32 pieces) {
        return [=](ManifestBuilder& b) {
            for (u32 i = 1; i < pieces; ++i)
                b.add_memory(256 * mib + i * 4 * mib, 1536 * mib + i * 4 * mib, 2 * mib);
        };
    };
    EXPECT_EQ(after(scatter(max_memory_pieces)), Verdict{});
    EXPECT_EQ(after(scatter(max_memory_pieces + 1)), broken(Rule::memory_pieces, 1));
}

TEST(Verify, FirmwareFitsItsRegion) {
    EXPECT_EQ(after([](auto& b) { b.header.firmware_memory = 4 * mib; }), Verdict{});
    EXPECT_EQ(after([](auto& b) { b.header.firmware_memory = 4 * mib + 1; }),
              broken(Rule::firmware_memory, party_firmware));
}

TEST(Verify, ConsoleChannels) {
    EXPECT_EQ(after([](auto& b) { b.partitions[0].console = 2; }),
              broken(Rule::console_channel, 0, 1));
    EXPECT_EQ(after([](auto& b) { b.partitions[1].console = console_channels; }),
              broken(Rule::console_channel, 1));
    EXPECT_EQ(after([](auto& b) { b.partitions[1].console = console_channels - 1; }), Verdict{});
    EXPECT_EQ(after([](auto& b) { b.partitions[0].console = b.partitions[1].console = 0; }),
              Verdict{})
        << "none, twice";
}

TEST(Verify, ImagesExist) {
    EXPECT_EQ(after([](auto& b) { b.partitions[1].kernel = 3; }),
              broken(Rule::image_unknown, 1, 3));
    EXPECT_EQ(after([](auto& b) { b.partitions[1].kernel = no_image; }),
              broken(Rule::image_unknown, 1, no_image));
    EXPECT_EQ(after([](auto& b) { b.partitions[1].initrd = 3; }),
              broken(Rule::image_unknown, 1, 3));
    EXPECT_EQ(after([](auto& b) { b.partitions[1].initrd = no_image; }), Verdict{});
    EXPECT_EQ(after([](auto& b) { b.images[1].size = 0; }), broken(Rule::image_unknown, 0, 1));
}

TEST(Verify, ImagesAreOfTheirKind) {
    EXPECT_EQ(after([](auto& b) { b.partitions[1].kernel = 2; }), broken(Rule::image_kind, 1, 2));
    EXPECT_EQ(after([](auto& b) { b.partitions[1].initrd = 0; }), broken(Rule::image_kind, 1, 0));
    EXPECT_EQ(after([](auto& b) { b.images[0].kind = 5; }), broken(Rule::image_kind, 0, 0));
    auto elf = static_cast<u32>(ImageKind::linux_elf);
    EXPECT_EQ(after([&](auto& b) { b.images[0].kind = elf; }), Verdict{});
    EXPECT_EQ(after([&](auto& b) { b.images[1].kind = elf; }), broken(Rule::image_kind, 0, 1));
    EXPECT_EQ(after([&](auto& b) { b.images[2].kind = elf; }), Verdict{}) << "not booted";
    auto multiboot = static_cast<u32>(BootKind::multiboot1);
    EXPECT_EQ(after([&](auto& b) { b.partitions[1].boot_kind = multiboot; }),
              broken(Rule::image_kind, 1, 0));
    EXPECT_EQ(after([&](auto& b) {
                  b.images[0].kind = elf;
                  b.partitions[1].boot_kind = multiboot;
              }),
              broken(Rule::image_kind, 1, 0));
    EXPECT_EQ(after([&](auto& b) {
                  b.partitions[1].boot_kind = multiboot;
                  b.partitions[1].kernel = 2;
              }),
              Verdict{});
}

TEST(Verify, ImagesFit) {
    EXPECT_EQ(after([](auto& b) { b.images[1].size = 248 * mib; }), broken(Rule::image_fit, 1));
    EXPECT_EQ(after([](auto& b) { b.images[0].size = 240 * mib; }), broken(Rule::image_fit, 1));
    EXPECT_EQ(after([](auto& b) { b.images[0].size = ~u64{0}; }), broken(Rule::image_fit, 0));
    EXPECT_EQ(after([](auto& b) { b.images[1].size = 240 * mib; }), Verdict{});
    auto elf = static_cast<u32>(ImageKind::linux_elf);
    EXPECT_EQ(after([&](auto& b) {
                  b.images[0] = {elf, 1, ~u64{0}};
              }),
              Verdict{})
        << "its size tells nothing";
    EXPECT_EQ(after([&](auto& b) {
                  b.images[0] = {elf, 1, 1};
                  b.images[1].size = 255 * mib;
              }),
              broken(Rule::image_fit, 1));
}

TEST(Verify, CommandLineAndTablesFitTheirPlaces) {
    EXPECT_EQ(after([](auto& b) { b.cmdlines[1].assign(2047, 'x'); }), Verdict{});
    EXPECT_EQ(after([](auto& b) { b.cmdlines[1].assign(2048, 'x'); }),
              broken(Rule::cmdline_length, 1));
    EXPECT_EQ(after([](auto& b) { b.cmdlines[1].assign(100000, 'x'); }),
              broken(Rule::cmdline_length, 1));
    EXPECT_EQ(after([](auto& b) { b.acpi_sizes[0] = 35; }), broken(Rule::acpi_size, 0));
    EXPECT_EQ(after([](auto& b) { b.acpi_sizes[0] = 0x20000; }), Verdict{});
    EXPECT_EQ(after([](auto& b) { b.acpi_sizes[0] = 0x20001; }), broken(Rule::acpi_size, 0));
}

TEST(Rules, EachHasANameAndASentence) {
    std::set<std::string> names;
    std::set<std::string> sentences;
    u32 count = 0;
    for (; std::string(rule_name(static_cast<Rule>(count))) != "unknown"; ++count) {
        names.insert(rule_name(static_cast<Rule>(count)));
        std::string sentence = rule_sentence(static_cast<Rule>(count));
        EXPECT_EQ(sentence.back(), '.') << sentence;
        sentences.insert(sentence);
    }
    EXPECT_GT(count, static_cast<u32>(Rule::not_yet));
    EXPECT_EQ(names.size(), count);
    EXPECT_EQ(sentences.size(), count);
    EXPECT_EQ(sentences.count(rule_sentence(static_cast<Rule>(count))), 0u);
}

} // namespace
} // namespace cloison::abi
