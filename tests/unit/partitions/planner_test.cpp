// SPDX-License-Identifier: Apache-2.0
#include "firmware/abi/crc32.hpp"
#include "firmware/abi/footprint.hpp"
#include "firmware/abi/verify.hpp"
#include "partitions/compile.hpp"
#include "partitions/plan/node_memory.hpp"
#include "tests/unit/partitions/expectations.hpp"
#include "tests/unit/partitions/layout_text.hpp"
#include "tests/unit/partitions/test_share.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <linux/virtio_blk.h>
#include <linux/virtio_console.h>

namespace cloison::test {
namespace {

class Planner : public testing::Test {
  protected:
    CompiledLayout compile_text(const PlatformText& platform,
                                const std::vector<PartitionText>& partitions) {
        Compilation compilation = compile(write_layout(share_.path(), platform, partitions));
        for (const Diagnostic& finding : compilation.diagnostics.list())
            ADD_FAILURE() << to_text(finding, false);
        return compilation.value.value();
    }

    TestShare share_;
    PlatformText machine_{{0, 1, 2, 3}, {{0, 636 * kib}, {mib, 1022 * mib}}, {960 * mib, 32 * mib}};
};

TEST_F(Planner, GivesTheLowestFreeCpusInTheLayoutsOrder) {
    machine_.apic_ids = {7, 2, 11, 4, 9};
    auto plan =
        compile_text(machine_,
                     {{"a", 2, {}, 64 * mib}, {"b", 0, {4, 2}, 64 * mib}, {"c", 1, {}, 64 * mib}})
            .plan;
    EXPECT_EQ(plan.partitions[0].apic_ids, (std::vector<u32>{7, 9}));
    EXPECT_EQ(plan.partitions[1].apic_ids, (std::vector<u32>{4, 2})); // as written
    EXPECT_EQ(plan.partitions[2].apic_ids, (std::vector<u32>{11}));
}

TEST_F(Planner, PrefersTheSmallestRangeThatHolds) {
    machine_.ram = {{mib, 127 * mib}, {256 * mib, 64 * mib}, {512 * mib, 488 * mib}};
    auto plan = compile_text(machine_, {{"a", 1, {}, 64 * mib}, {"b", 1, {}, 100 * mib}}).plan;
    ASSERT_EQ(plan.partitions[0].memory.size(), 1u);
    EXPECT_EQ(plan.partitions[0].memory[0].host, 256 * mib);
    ASSERT_EQ(plan.partitions[1].memory.size(), 1u);
    EXPECT_EQ(plan.partitions[1].memory[0].host, 6 * mib);
}

TEST_F(Planner, PutsLargePartitionsOnGibBoundaries) {
    machine_.ram = {{mib, 4 * gib}, {5 * gib, 3 * gib}};
    auto compiled = compile_text(machine_, {{"a", 1, {}, 64 * mib}, {"b", 1, {}, 2 * gib}});
    ASSERT_EQ(compiled.plan.partitions[1].memory.size(), 1u);
    EXPECT_EQ(compiled.plan.partitions[1].memory[0].host % gib, 0u);
    machine_.large_pages_1g = false;
    compiled = compile_text(machine_, {{"a", 1, {}, 64 * mib}, {"b", 1, {}, 2 * gib}});
    EXPECT_EQ(compiled.plan.partitions[1].memory.size(), 1u);
}

TEST_F(Planner, LeavesTheGuestsDevicesTheirAddresses) {
    machine_.ram = {{mib, 9 * gib}};
    auto plan = compile_text(machine_, {{"a", 1, {}, 5 * gib}}).plan;
    ASSERT_EQ(plan.partitions[0].memory.size(), 2u);
    EXPECT_EQ(plan.partitions[0].memory[0].guest, 0u);
    EXPECT_EQ(plan.partitions[0].memory[0].size, 3 * gib);
    EXPECT_EQ(plan.partitions[0].memory[1].guest, 4 * gib);
    EXPECT_EQ(plan.partitions[0].memory[1].size, 2 * gib);
}

TEST_F(Planner, ListsIdenticalImagesOnce) {
    std::vector<PartitionText> partitions{{"a", 1, {}, 64 * mib}, {"b", 1, {}, 64 * mib}};
    partitions[0].initrd = "guest:test/initrd";
    partitions[1].initrd = "guest:test/same-initrd"; // another file with the same bytes
    auto plan = compile_text(machine_, partitions).plan;
    ASSERT_EQ(plan.images.size(), 2u);
    EXPECT_EQ(plan.partitions[0].initrd, plan.partitions[1].initrd);
    EXPECT_EQ(plan.partitions[0].kernel, plan.partitions[1].kernel);
    EXPECT_EQ(plan.images[plan.partitions[0].initrd].size, TestShare::initrd_size);
    EXPECT_EQ(plan.images[plan.partitions[0].initrd].crc32c,
              abi::crc32c(std::vector<u8>(TestShare::initrd_size, 'i')));
}

TEST_F(Planner, CountsConsolesByThePlaceInTheLayout) {
    std::vector<PartitionText> partitions{
        {"a", 1, {}, 64 * mib}, {"b", 1, {}, 64 * mib}, {"c", 1, {}, 64 * mib}};
    partitions[1].console = false;
    auto plan = compile_text(machine_, partitions).plan;
    EXPECT_EQ(plan.partitions[0].console, 1u);
    EXPECT_EQ(plan.partitions[1].console, 0u);
    EXPECT_EQ(plan.partitions[2].console, 3u);
}

TEST_F(Planner, ComputesWhatTheFirmwareWillUse) {
    auto plan = compile_text(machine_, {{"a", 2, {}, 64 * mib}, {"b", 1, {}, 64 * mib}}).plan;
    std::vector<abi::MemoryBlock> block{{0, 0, 0, 0, 64 * mib}};
    u64 tables = 2 * abi::ept_tables(block, true);
    EXPECT_EQ(plan.budget.firmware_used,
              abi::firmware_footprint(TestShare::firmware_image, 2, 3, tables));
}

/// A client with two disks, a network and two consoles, and its server, which has the card.
class ServedPlan : public Planner {
  protected:
    CompiledLayout compile_served() {
        std::vector<PartitionText> partitions{{"ctl", 1, {}, 64 * mib}, {"a", 3, {}, 64 * mib}};
        partitions[0].role = "control";
        partitions[1].devices = "<disk volume=\"data\" serial=\"x y\"/><network switch=\"lan\" "
                                "mac=\"02:00:00:00:00:09\" vlan=\"5\"/>"
                                "<console type=\"virtio\" server=\"ctl\"/>"
                                "<disk volume=\"data\" read-only=\"yes\"/>"
                                "<console type=\"virtio\" server=\"ctl\"/>";
        return compile_text(machine_, partitions);
    }
};

TEST_F(ServedPlan, DisksThenNetworksThenConsoles) {
    auto compiled = compile_served();
    const auto& functions = compiled.plan.partitions[1].functions;
    ASSERT_EQ(functions.size(), 4u);
    EXPECT_EQ(functions[0].service,
              "disk client=a name=a.disk0 volume=data backing=file:/srv/data size=1073741824 "
              "read-only=no serial=x%20y");
    EXPECT_EQ(functions[1].service,
              "disk client=a name=a.disk1 volume=data backing=file:/srv/data size=1073741824 "
              "read-only=yes serial=data");
    EXPECT_EQ(functions[2].service,
              "port client=a name=a.net0 switch=lan mac=02:00:00:00:00:09 vlan=5 trunk=no");
    EXPECT_EQ(functions[3].service, "consoles client=a name=a ports=2");
    EXPECT_EQ(functions[0].queue_sizes, (std::vector<u16>{256, 256, 256})) << "one for each CPU";
    EXPECT_EQ(functions[2].queue_sizes, (std::vector<u16>{256, 256}));
    EXPECT_EQ(functions[3].queue_sizes, (std::vector<u16>(6, 64)));
    ASSERT_EQ(compiled.plan.services.size(), 1u);
    EXPECT_EQ(compiled.plan.services[0].text, "switch name=lan");
}

TEST_F(ServedPlan, FunctionsAreWhatTheServersDevicesOffer) {
    auto compiled = compile_served();
    const auto& functions = compiled.plan.partitions[1].functions;
    auto has = [](const PlannedFunction& function, u32 bit) {
        return (function.features >> bit & 1) != 0;
    };
    EXPECT_TRUE(has(functions[0], VIRTIO_BLK_F_MQ) && has(functions[0], VIRTIO_BLK_F_DISCARD));
    EXPECT_FALSE(has(functions[0], VIRTIO_BLK_F_RO));
    EXPECT_TRUE(has(functions[1], VIRTIO_BLK_F_RO) && !has(functions[1], VIRTIO_BLK_F_DISCARD));
    EXPECT_TRUE(has(functions[3], VIRTIO_CONSOLE_F_MULTIPORT));
    auto number = [](const std::vector<u8>& config, usize at, usize size) {
        u64 value = 0;
        std::memcpy(&value, config.data() + at, size);
        return value;
    };
    EXPECT_EQ(number(functions[0].config, 0, 8), gib / 512) << "capacity";
    EXPECT_EQ(number(functions[0].config, offsetof(virtio_blk_config, num_queues), 2), 3u);
    EXPECT_EQ(number(functions[2].config, 0, 6), 0x0900'0000'0002u) << "the Ethernet address";
    EXPECT_EQ(number(functions[3].config, offsetof(virtio_console_config, max_nr_ports), 4), 2u);
}

TEST_F(ServedPlan, ManifestHasThem) {
    auto compiled = compile_served();
    auto view = abi::open_manifest(compiled.manifest);
    ASSERT_TRUE(view);
    const auto& planned = compiled.plan.partitions[1].functions;
    auto functions = abi::functions_of(*view, 1);
    ASSERT_EQ(functions.size(), planned.size());
    for (usize i = 0; i < functions.size(); ++i) {
        EXPECT_EQ(functions[i].server, 0u);
        auto config = view->config_of(functions[i]);
        EXPECT_EQ(config.features, planned[i].features);
        EXPECT_TRUE(std::ranges::equal(config.queue_sizes, planned[i].queue_sizes));
        EXPECT_TRUE(std::ranges::equal(config.device_config, planned[i].config));
        auto text = view->bytes_of(functions[i].service);
        EXPECT_EQ(std::string(text.begin(), text.end()), planned[i].service);
    }
    EXPECT_EQ(view->firmware_memory, abi::firmware_footprint(*view, TestShare::firmware_image));
}

TEST_F(ServedPlan, UplinkIsWhereTheServersBusHasIt) {
    std::vector<PartitionText> partitions{{"ctl", 1, {}, 64 * mib}, {"a", 1, {}, 64 * mib}};
    partitions[0].role = "control";
    partitions[0].devices = "<device address=\"" + std::string(network_card) + "\"/>";
    partitions[1].devices = "<network switch=\"lan\"/>";
    auto file = write_layout(share_.path(), machine_, partitions);
    auto edit = [&](const char* name, const std::string& before, const std::string& text) {
        std::string content = read_text(share_.path() / name);
        content.insert(content.find(before), text);
        std::ofstream(share_.path() / name) << content;
    };
    edit("layout.xml", "server=\"ctl\"", "uplink=\"" + std::string(network_card) + "\" ");
    // Another device in a lower slot, though the layout names it later.
    edit("platform.xml", "<device",
         "<device address=\"0000:00:02.0\" class=\"other\" dma=\"no\"/>");
    edit("layout.xml", "<console", "<device address=\"0000:00:02.0\"/>");
    auto compiled = compile(file).value.value();
    EXPECT_EQ(compiled.plan.services.at(0).text, "switch name=lan uplink=0000:00:03.0 slot=2");
    auto view = abi::open_manifest(compiled.manifest);
    ASSERT_TRUE(view);
    ASSERT_EQ(view->devices.size(), 2u);
    EXPECT_EQ(view->devices[1].address, 0x18u);
    EXPECT_EQ(view->devices[1].interrupt, 17u);
    EXPECT_TRUE(abi::is_identity(view->partitions[0]));
    EXPECT_FALSE(abi::is_identity(view->partitions[1]));
}

TEST_F(Planner, RefusesAConsoleWithoutAChannel) {
    machine_.apic_ids.clear();
    std::vector<PartitionText> partitions;
    for (u32 i = 0; i < 225; ++i) {
        machine_.apic_ids.push_back(i);
        partitions.push_back({"p" + std::to_string(i), 1, {}, 32 * mib});
    }
    machine_.ram = {{mib, 16 * gib}};
    Diagnostics findings = compile(write_layout(share_.path(), machine_, partitions)).diagnostics;
    auto channel = [](const Diagnostic& finding) { return finding.rule == "console-channel"; };
    EXPECT_EQ(std::count_if(findings.list().begin(), findings.list().end(), channel), 2);
}

TEST_F(Planner, WritesTheManifestThatItPlanned) {
    std::vector<PartitionText> partitions{{"zulu", 1, {}, 64 * mib},
                                          {"alpha", 0, {3, 0}, 32 * mib}};
    partitions[0].command_line = "console=ttyS0 quiet";
    auto compiled = compile_text(machine_, partitions);
    ASSERT_TRUE(abi::verify(compiled.manifest).ok());
    auto view = abi::open_manifest(compiled.manifest);
    ASSERT_TRUE(view);
    ASSERT_EQ(view->partitions.size(), 2u);
    const abi::PartitionRecord& zulu = view->partitions[0];
    EXPECT_STREQ(zulu.name, "zulu");
    auto cmdline = view->bytes_of(zulu.cmdline);
    EXPECT_EQ(std::string(cmdline.begin(), cmdline.end()), "console=ttyS0 quiet");
    auto acpi = view->bytes_of(zulu.acpi);
    EXPECT_TRUE(std::ranges::equal(acpi, compiled.plan.partitions[0].acpi));
    EXPECT_EQ(std::string(acpi.begin(), acpi.begin() + 8), "RSD PTR ");
    EXPECT_EQ((std::vector<u32>(view->partitions_by_name.begin(), view->partitions_by_name.end())),
              (std::vector<u32>{1, 0}));
    auto processors = view->processors_of(view->partitions[1]);
    ASSERT_EQ(processors.size(), 2u);
    EXPECT_EQ(view->cpus[processors[0].cpu].apic_id, 3u);
    EXPECT_EQ(view->cpus[processors[1].cpu].apic_id, 0u);
    EXPECT_EQ(view->cpus[processors[1].cpu].virtual_id, 1u);
    EXPECT_EQ(view->cpus[2].partition, abi::unassigned);
    EXPECT_EQ(view->firmware_memory, compiled.plan.budget.firmware_used);
    EXPECT_EQ(view->staging.base, machine_.staging.base);
    EXPECT_EQ(view->images[zulu.kernel].size, std::filesystem::file_size(share_.guest("vmlinuz")));
}

TEST(FreeMemory, TakesPiecesLargestFirst) {
    FreeMemory free({{2 * mib, 8 * mib}, {16 * mib, 32 * mib}, {64 * mib, 4 * mib}}, {});
    auto pieces = free.take_pieces(36 * mib, large_page_size, NodeMemory::anywhere);
    ASSERT_EQ(pieces.size(), 2u);
    EXPECT_EQ(pieces[0].base, 16 * mib);
    EXPECT_EQ(pieces[0].size, 32 * mib);
    EXPECT_EQ(pieces[1].base, 64 * mib); // the range that is used up by the rest
    EXPECT_EQ(free.size(), 8 * mib);
}

TEST(FreeMemory, HoldsWholeLargePagesOnly) {
    FreeMemory free({{mib, 4 * mib}, {9 * mib, mib}}, {{4 * mib, page_size}});
    ASSERT_EQ(free.ranges().size(), 1u);
    EXPECT_EQ(free.ranges()[0].base, 2 * mib);
    EXPECT_EQ(free.size(), 2 * mib);
    EXPECT_FALSE(free.take_one(4 * mib, large_page_size, NodeMemory::anywhere));
    EXPECT_EQ(free.take_one(2 * mib, large_page_size, NodeMemory::anywhere), 2 * mib);
    EXPECT_EQ(free.size(), 0u);
}

} // namespace
} // namespace cloison::test
