// SPDX-License-Identifier: Apache-2.0
// The rules about devices and what comes with them: for each a manifest that breaks it and no
// other, and who is named as the offender.
#include "firmware/abi/verify.hpp"
#include "tests/unit/abi/manifest_builder.hpp"
#include "tests/unit/abi/verdict_printing.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace cloison::abi {
namespace {

using test::ManifestBuilder;
using test::two_partitions;

// Positions in add_devices()'s table of resources.
constexpr u32 first_mmio = 0, high_mmio = 2, com2 = 3, adapter_ports = 4, com2_interrupt = 5,
              adapter_interrupt = 6, shared_interrupt = 7;

/// The verdict on the sound manifest after `spoil`, its index tables in order again.
Verdict after(const std::function<void(ManifestBuilder&)>& spoil) {
    ManifestBuilder b = two_partitions();
    spoil(b);
    b.sort();
    return verify(b.bytes());
}

/// The same with one resource elsewhere.
Verdict after_move(u32 resource, u64 base, u64 size) {
    return after([=](ManifestBuilder& b) {
        b.resources[resource].base = base;
        b.resources[resource].size = size;
    });
}

Verdict broken(Rule rule, u32 first, u32 second = ~u32{0}) {
    return {rule, first, second};
}

void set_role(PartitionRecord& partition, Role role) {
    partition.role = static_cast<u32>(role);
}

/// Beta's memory at the machine's own addresses, but for its first 2 MiB.
void map_identity(ManifestBuilder& b) {
    b.partitions[0].flags = static_cast<u32>(PartitionFlag::identity);
    b.memory[0] = {0, 0, 0, 2 * gib, 2 * mib};
    b.memory[1] = {0, 0, 512 * mib, 512 * mib, 1 * gib};
    b.memory[2] = {0, 0, 5 * gib, 5 * gib, 1 * gib};
}

TEST(VerifyDevices, IdentityIsAllButTheFirstPage) {
    EXPECT_EQ(after(map_identity), Verdict{});
    auto spoilt = [](const std::function<void(ManifestBuilder&)>& spoil) {
        return after([&](ManifestBuilder& b) {
            map_identity(b);
            spoil(b);
        });
    };
    EXPECT_EQ(spoilt([](auto& b) { b.memory[1].guest += 2 * mib; }),
              broken(Rule::memory_identity, 0));
    EXPECT_EQ(spoilt([](auto& b) { b.memory[2].host += 2 * mib; }),
              broken(Rule::memory_identity, 0));
    EXPECT_EQ(spoilt([](auto& b) { b.memory[0].size = 4 * mib; }), broken(Rule::memory_identity, 0))
        << "the second page is where the guest's devices would look elsewhere";
    EXPECT_EQ(spoilt([](auto& b) { b.partitions[1].flags = b.partitions[0].flags; }),
              broken(Rule::memory_identity, 1));
}

TEST(VerifyDevices, ADevicesInterruptIsItsOwners) {
    EXPECT_EQ(after([](auto& b) { b.devices[0].interrupt = no_interrupt; }), Verdict{});
    EXPECT_EQ(after([](auto& b) { b.devices[3].interrupt = 16; }), Verdict{}) << "shared";
    EXPECT_EQ(after([](auto& b) { b.devices[3].interrupt = 17; }),
              broken(Rule::manifest_format, 3));
    EXPECT_EQ(after([](auto& b) { b.devices[0].interrupt = 18; }),
              broken(Rule::manifest_format, 0));
}

TEST(VerifyDevices, OnePartitionControls) {
    EXPECT_EQ(after([](auto& b) { set_role(b.partitions[1], Role::control); }), Verdict{});
    EXPECT_EQ(after([](auto& b) {
                  set_role(b.partitions[0], Role::control);
                  set_role(b.partitions[1], Role::control);
              }),
              broken(Rule::control_twice, 0, 1));
    EXPECT_EQ(after([](auto& b) {
                  set_role(b.partitions[0], Role::io_server);
                  set_role(b.partitions[1], Role::io_server);
              }),
              Verdict{});
}

TEST(VerifyDevices, ADeviceHasOneOwner) {
    EXPECT_EQ(after([](auto& b) { b.devices[1].address = b.devices[0].address; }),
              broken(Rule::device_double_use, 0, 1));
    EXPECT_EQ(after([](auto& b) { b.devices[3].address = b.devices[2].address; }),
              broken(Rule::device_double_use, 2, 3));
    EXPECT_EQ(after([](auto& b) { b.devices[3].address = b.devices[2].address + 1; }), Verdict{})
        << "another function";
}

TEST(VerifyDevices, DmaIsConfinedOrTrusted) {
    EXPECT_EQ(after([](auto& b) { b.header.machine_flags = 0; }),
              broken(Rule::dma_without_iommu, 0));
    auto controlled_by = [](u32 control) {
        return [=](ManifestBuilder& b) {
            b.header.machine_flags = 0;
            set_role(b.partitions[control], Role::control);
            map_identity(b);
        };
    };
    EXPECT_EQ(after(controlled_by(0)), broken(Rule::dma_without_iommu, 1));
    EXPECT_EQ(after(controlled_by(1)), broken(Rule::dma_without_iommu, 0));
    EXPECT_EQ(after([&](auto& b) {
                  controlled_by(0)(b);
                  b.devices[1].flags = 0;
              }),
              Verdict{});
    EXPECT_EQ(after([&](auto& b) {
                  controlled_by(0)(b);
                  b.devices[1].flags = 0;
                  b.partitions[0].flags = 0;
              }),
              broken(Rule::memory_identity, 0))
        << "its devices would find other memory than it means";
    EXPECT_EQ(after([](auto& b) {
                  b.header.machine_flags = 0;
                  set_role(b.partitions[0], Role::control);
                  set_role(b.partitions[1], Role::io_server);
                  map_identity(b);
              }),
              broken(Rule::dma_without_iommu, 1))
        << "an I/O server's devices are trusted no more than a client's";
}

TEST(VerifyDevices, AGroupHasOneOwner) {
    EXPECT_EQ(after([](auto& b) { b.devices[2].partition = 1; }),
              broken(Rule::iommu_group_split, 0, 2));
    EXPECT_EQ(after([](auto& b) { b.devices[1].iommu_group = 7; }),
              broken(Rule::iommu_group_split, 0, 1));
    EXPECT_EQ(after([](auto& b) { b.devices[3].iommu_group = 7; }),
              broken(Rule::iommu_group_split, 2, 3));
    EXPECT_EQ(after([](auto& b) {
                  for (DeviceRecord& device : b.devices)
                      device.iommu_group = no_group;
              }),
              Verdict{})
        << "each alone";
}

TEST(VerifyDevices, RegistersAreInWholePages) {
    for (Extent wrong :
         {Extent{16 * gib, 0}, Extent{16 * gib, 1}, Extent{16 * gib + 1, page_size},
          Extent{16 * gib, page_size + 2048}, Extent{u64{1} << 48, page_size},
          Extent{(u64{1} << 48) - page_size, 2 * page_size},
          Extent{~u64{0} - page_size + 1, page_size}, Extent{16 * gib, ~u64{0} - page_size + 1}})
        EXPECT_EQ(after_move(high_mmio, wrong.base, wrong.size),
                  broken(Rule::mmio_range, high_mmio))
            << wrong.base << ' ' << wrong.size;
    EXPECT_EQ(after_move(high_mmio, (u64{1} << 48) - page_size, page_size), Verdict{});
}

TEST(VerifyDevices, RegistersAreGivenOnce) {
    EXPECT_EQ(after_move(first_mmio, 0xC0000000, 64 * kib + page_size),
              broken(Rule::mmio_range, first_mmio, first_mmio + 1));
    EXPECT_EQ(after_move(first_mmio, 0xC0010000, page_size),
              broken(Rule::mmio_range, first_mmio, first_mmio + 1));
    EXPECT_EQ(after_move(high_mmio, 0xC0010000, page_size),
              broken(Rule::mmio_range, first_mmio + 1, high_mmio))
        << "not even to one partition twice";
}

TEST(VerifyDevices, RegistersAreNotRam) {
    EXPECT_EQ(after_move(first_mmio, 3 * gib - page_size, 2 * page_size),
              broken(Rule::mmio_range, first_mmio));
    EXPECT_EQ(after_move(first_mmio, 1 * gib, page_size), broken(Rule::mmio_range, first_mmio));
    EXPECT_EQ(after_move(high_mmio, 9 * gib - page_size, 1 * gib),
              broken(Rule::mmio_range, high_mmio));
    EXPECT_EQ(after_move(high_mmio, 4 * gib - 16 * mib, 1 * gib),
              broken(Rule::mmio_range, high_mmio))
        << "ends inside";
    EXPECT_EQ(after_move(high_mmio, 4 * gib - page_size, 8 * gib),
              broken(Rule::mmio_range, high_mmio))
        << "all around";
    EXPECT_EQ(after_move(high_mmio, 9 * gib, 1 * gib), Verdict{}) << "touches";
    EXPECT_EQ(after_move(first_mmio, 3 * gib, 64 * kib), Verdict{});
    EXPECT_EQ(after([](auto& b) {
                  b.ram.insert(b.ram.begin() + 1, {3 * gib + 256 * mib, 2 * mib});
                  b.resources[first_mmio + 1].base = 3 * gib + 258 * mib - page_size;
              }),
              broken(Rule::mmio_range, first_mmio + 1))
        << "a range between two others";
}

TEST(VerifyDevices, RegistersAreNotTheFirmwares) {
    EXPECT_EQ(after_move(first_mmio, 0x8000, page_size),
              broken(Rule::mmio_range, first_mmio, party_firmware));
    EXPECT_EQ(after_move(first_mmio, 0x9F000, 2 * page_size),
              broken(Rule::mmio_range, first_mmio, party_firmware));
    EXPECT_EQ(after_move(first_mmio, 0xA0000, 0x20000), Verdict{}) << "VGA memory";
    for (u64 own : {0xFEC00000u, 0xFECFF000u, 0xFEE00000u, 0xFEEFF000u})
        EXPECT_EQ(after_move(high_mmio, own, page_size),
                  broken(Rule::mmio_range, high_mmio, party_firmware))
            << own;
    for (u64 free : {0xFEBFF000u, 0xFED00000u, 0xFEDFF000u, 0xFEF00000u})
        EXPECT_EQ(after_move(high_mmio, free, page_size), Verdict{}) << free;
}

TEST(VerifyDevices, PortsExistAndAreGivenOnce) {
    EXPECT_EQ(after_move(adapter_ports, 0xFFE0, 0x20), Verdict{});
    for (Extent wrong : {Extent{0xFFE0, 0x21}, Extent{0x10000, 1}, Extent{0xC000, 0},
                         Extent{0xC000, ~u64{0}}, Extent{~u64{0}, 1}})
        EXPECT_EQ(after_move(adapter_ports, wrong.base, wrong.size),
                  broken(Rule::port_range, adapter_ports))
            << wrong.base << ' ' << wrong.size;
    EXPECT_EQ(after_move(adapter_ports, 0x2FF, 1), broken(Rule::port_range, com2, adapter_ports));
    EXPECT_EQ(after_move(adapter_ports, 0x300, 1), Verdict{});
}

TEST(VerifyDevices, PortsAreNotTheFirmwares) {
    for (u64 own : {0x3F8u, 0x3FFu, 0x4D0u, 0x4D1u, 0xCF8u, 0xCF9u, 0xCFFu})
        EXPECT_EQ(after_move(adapter_ports, own, 1),
                  broken(Rule::port_range, adapter_ports, party_firmware))
            << own;
    for (u64 own : {0x00u, 0x20u, 0x40u, 0x64u, 0x70u, 0x92u, 0xB2u, 0xFFu})
        EXPECT_EQ(after_move(com2, own, 1), broken(Rule::port_range, com2, party_firmware)) << own;
    EXPECT_EQ(after_move(adapter_ports, 0x3F0, 0x20),
              broken(Rule::port_range, adapter_ports, party_firmware))
        << "all around";
    EXPECT_EQ(after_move(com2, 0x100, 8), Verdict{});
    for (u64 free : {0x3F7u, 0x400u, 0x4CFu, 0x4D2u, 0xCF7u, 0xD00u})
        EXPECT_EQ(after_move(adapter_ports, free, 1), Verdict{}) << free;
}

TEST(VerifyDevices, InterruptsAreGivenOnce) {
    EXPECT_EQ(after_move(adapter_interrupt, 17, 1),
              broken(Rule::interrupt_range, adapter_interrupt, shared_interrupt));
    EXPECT_EQ(after_move(adapter_interrupt, 3, 1),
              broken(Rule::interrupt_range, com2_interrupt, adapter_interrupt));
    auto moved = [](u32 pin) {
        return after([=](auto& b) {
            b.resources[shared_interrupt].base = pin;
            b.devices[0].interrupt = b.devices[2].interrupt = pin;
        });
    };
    EXPECT_EQ(moved(23), Verdict{});
    for (Extent wrong : {Extent{24, 1}, Extent{1023, 1}, Extent{17, 0}, Extent{17, 2},
                         Extent{~u64{0}, 1}, Extent{17, ~u64{0}}})
        EXPECT_EQ(after_move(shared_interrupt, wrong.base, wrong.size),
                  broken(Rule::interrupt_range, shared_interrupt))
            << wrong.base << ' ' << wrong.size;
    for (u32 own : {4u, 8u, 9u})
        EXPECT_EQ(after_move(adapter_interrupt, own, 1),
                  broken(Rule::interrupt_range, adapter_interrupt, party_firmware))
            << own;
    for (u32 own : {0u, 2u})
        EXPECT_EQ(after_move(com2_interrupt, own, 1),
                  broken(Rule::interrupt_range, com2_interrupt, party_firmware))
            << own;
}

} // namespace
} // namespace cloison::abi
