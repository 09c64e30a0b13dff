// SPDX-License-Identifier: Apache-2.0
// The rules judge at compile time what they judge at power-on: a layout written as constants cannot
// compile when it breaks one.
#include "firmware/abi/verify.hpp"

#include <gtest/gtest.h>

namespace cloison::abi {
namespace {

/// Two partitions, "a" and "b", with one CPU and 64 MiB each.
struct Constants {
    u32 machine_flags = static_cast<u32>(MachineFlag::iommu);
    std::array<PhysicalCpu, 2> cpus{{{0, 0, 0, 0}, {1, 1, 0, 0}}};
    std::array<RamRange, 1> ram{{{2 * mib, 1 * gib}}};
    std::array<PartitionRecord, 2> partitions{partition('a', 0), partition('b', 1)};
    std::array<u32, 2> partitions_by_name{0, 1};
    std::array<ProcessorRecord, 2> processors{{{0}, {1}}};
    std::array<MemoryBlock, 2> memory{
        {{0, 0, 0, 64 * mib, 64 * mib}, {1, 0, 0, 128 * mib, 64 * mib}}};
    std::array<u32, 2> memory_by_host{0, 1};
    std::array<ImageRecord, 1> images{{{static_cast<u32>(ImageKind::linux_kernel), 0, 8 * mib}}};

    std::array<DeviceRecord, 2> devices{
        {{0x100, 0, 1, dma, no_interrupt}, {0x101, 0, 1, 0, no_interrupt}}};
    std::array<u32, 2> devices_by_group{0, 1};
    std::array<ResourceRecord, 3> resources{
        {{1, 0, 2 * gib, page_size}, {2, 0, 0xC000, 32}, {3, 1, 16, 1}}};

    static constexpr u32 dma = static_cast<u32>(DeviceFlag::dma);

    static constexpr PartitionRecord partition(char name, u32 index) {
        PartitionRecord p{};
        p.name[0] = name;
        p.boot_kind = static_cast<u32>(BootKind::linux_bzimage);
        p.console = index + 1;
        p.first_processor = index;
        p.processor_count = 1;
        p.first_memory = index;
        p.memory_count = 1;
        p.initrd = no_image;
        p.acpi.count = 4096;
        return p;
    }

    [[nodiscard]] constexpr Rule rule() const {
        ManifestView m;
        m.machine_flags = machine_flags;
        m.firmware = {2 * mib, 4 * mib};
        m.cpus = cpus;
        m.ram = ram;
        m.partitions = partitions;
        m.partitions_by_name = partitions_by_name;
        m.processors = processors;
        m.memory = memory;
        m.memory_by_host = memory_by_host;
        m.images = images;
        m.devices = devices;
        m.devices_by_group = devices_by_group;
        m.resources = resources;
        return check_rules(m).rule;
    }
};

template <typename F>
constexpr Rule rule_after(F spoil) {
    Constants c;
    spoil(c);
    return c.rule();
}

static_assert(Constants{}.rule() == Rule::none);
static_assert(rule_after([](Constants& c) { c.partitions[1].name[0] = 'a'; }) ==
              Rule::partition_name);
static_assert(rule_after([](Constants& c) { c.processors[1].cpu = 0; }) == Rule::cpu_double_use);
static_assert(rule_after([](Constants& c) { c.memory[1].host = 126 * mib; }) ==
              Rule::memory_overlap);
static_assert(rule_after([](Constants& c) { c.memory[0].host = 4 * mib; }) == Rule::memory_overlap);
static_assert(rule_after([](Constants& c) { c.memory[1].host = 1 * gib; }) ==
              Rule::memory_outside_ram);
static_assert(rule_after([](Constants& c) { c.partitions[1].console = 1; }) ==
              Rule::console_channel);
static_assert(rule_after([](Constants& c) { c.images[0].size = 65 * mib; }) == Rule::image_fit);

static_assert(rule_after([](Constants& c) { c.devices[1].address = 0x100; }) ==
              Rule::device_double_use);
static_assert(rule_after([](Constants& c) { c.machine_flags = 0; }) == Rule::dma_without_iommu);
static_assert(rule_after([](Constants& c) { c.devices[1].partition = 1; }) ==
              Rule::iommu_group_split);
static_assert(rule_after([](Constants& c) { c.resources[0].base = 256 * mib; }) ==
              Rule::mmio_range);
static_assert(rule_after([](Constants& c) { c.resources[1].base = 0xFFF0; }) == Rule::port_range);
static_assert(rule_after([](Constants& c) { c.resources[2].base = 4; }) == Rule::interrupt_range);
static_assert(rule_after([](Constants& c) { c.partitions[0].role = c.partitions[1].role = 1; }) ==
              Rule::control_twice);

TEST(VerifyConstexpr, SameVerdictAtRunTime) {
    Constants c;
    EXPECT_EQ(c.rule(), Rule::none);
    c.memory[1].host = 126 * mib;
    EXPECT_EQ(c.rule(), Rule::memory_overlap);
}

} // namespace
} // namespace cloison::abi
