// SPDX-License-Identifier: Apache-2.0
// What the planner makes of disks, networks and consoles: the functions that clients see, and what
// their server is told.
#include "firmware/abi/footprint.hpp"
#include "partitions/compile.hpp"
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

/// A client with two disks, a network and two consoles, and its server, which has the card.
class ServedPlan : public testing::Test {
  protected:
    CompiledLayout compile_served() {
        std::vector<PartitionText> partitions{{"ctl", 1, {}, 64 * mib}, {"a", 3, {}, 64 * mib}};
        partitions[0].role = "control";
        partitions[1].devices = "<disk volume=\"data\" serial=\"x y\"/><network switch=\"lan\" "
                                "mac=\"02:00:00:00:00:09\" vlan=\"5\"/>"
                                "<console type=\"virtio\" server=\"ctl\"/>"
                                "<disk volume=\"data\" read-only=\"yes\"/>"
                                "<console type=\"virtio\" server=\"ctl\"/>";
        Compilation compilation = compile(write_layout(share_.path(), machine_, partitions));
        for (const Diagnostic& finding : compilation.diagnostics.list())
            ADD_FAILURE() << to_text(finding, false);
        return compilation.value.value();
    }

    TestShare share_;
    PlatformText machine_{{0, 1, 2, 3}, {{0, 636 * kib}, {mib, 1022 * mib}}, {960 * mib, 32 * mib}};
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

} // namespace
} // namespace cloison::test
