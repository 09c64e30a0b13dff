// SPDX-License-Identifier: Apache-2.0
// A running virtio function between its driver and its server: kicks, completions, resets, changes
// of the configuration, and a server that writes what it likes.
#include "tests/unit/devices/virtio_driver.hpp"

#include <gtest/gtest.h>

namespace cloison::core {
namespace {

using Vectors = std::vector<u8>;

constexpr u32 driver_ok = VIRTIO_CONFIG_S_DRIVER_OK, needs_reset = VIRTIO_CONFIG_S_NEEDS_RESET;

const FunctionPlan plan{.device_id = VIRTIO_ID_NET,
                        .queue_sizes = {256, 64},
                        .device_config = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66}};

/// A function whose driver runs: vector 0x60 for configuration, 0x61 and 0x62 for the queues.
struct VirtioServer : testing::Test {
    VirtioServer() {
        EXPECT_TRUE(driver.start());
        EXPECT_EQ(served.called(), abi::no_queue);
        EXPECT_FALSE(served.board.take_message());
        server.epoch = page.epoch.load();
    }
    void used(u32 queue) { served.board.ring({0, queue}); }
    void attend() { served.board.ring({0, abi::no_queue}); }
    /// What a server does with its doorbell: sees all kicks.
    void look() {
        for (u32 i = 0; i < 2; ++i)
            server.seen[i] = page.kicks[i].load();
    }
    u32 isr() { return static_cast<u32>(driver.read(driver.isr.address, 1)); }

    ServedBoard served{{plan}};
    VirtioDriver driver{served.board};
    abi::FunctionPage& page = served.page(0);
    abi::ServerPage& server = served.server(0);
};

TEST_F(VirtioServer, FindsInThePageWhatTheDriverSet) {
    EXPECT_EQ(page.device_id, u32{VIRTIO_ID_NET});
    EXPECT_EQ(page.queues, 2u);
    EXPECT_EQ(page.config_size, 6u);
    EXPECT_EQ(page.features.load(), u64{1} << VIRTIO_F_VERSION_1);
    EXPECT_NE(page.status.load() & driver_ok, 0u);
    EXPECT_EQ(page.queue[1].descriptors.load(), 0x10'4000u);
    EXPECT_EQ(page.queue[1].size.load(), 64u);
    const abi::AdapterPage& adapter = served.record().adapter();
    EXPECT_EQ(adapter.magic, abi::io_adapter_magic);
    EXPECT_EQ(adapter.functions, 1u);
    ASSERT_EQ(adapter.ram_count, test_ram.size());
    EXPECT_EQ(adapter.ram[2].base, 4 * gib);
    EXPECT_EQ(served.record().in_flight(0, 1).data() + page_size -
                  served.record().in_flight(0, 0).data(),
              static_cast<std::ptrdiff_t>(2 * page_size));
}

TEST_F(VirtioServer, AKickIsOneCall) {
    driver.kick(1);
    EXPECT_EQ(page.kicks[1].load(), 1u);
    EXPECT_EQ(served.called(), 1u);
    EXPECT_FALSE(served.board.take_call());
    driver.kick(1); // it was called and has not looked yet
    driver.kick(1);
    EXPECT_EQ(page.kicks[1].load(), 3u);
    EXPECT_FALSE(served.board.take_call());
    driver.kick(0); // another queue
    EXPECT_EQ(served.called(), 0u);
    look();
    driver.kick(1);
    EXPECT_EQ(served.called(), 1u);
}

TEST_F(VirtioServer, WhoPollsIsNotCalled) {
    server.polls = 1;
    driver.kick(0);
    EXPECT_FALSE(served.board.take_call());
    EXPECT_EQ(page.kicks[0].load(), 1u);
    server.polls = 0; // and looks, before it sleeps
    look();
    driver.kick(0);
    EXPECT_EQ(served.called(), 0u);
}

TEST_F(VirtioServer, KickCountersWrapAround) {
    page.kicks[0] = ~0u;
    server.seen[0] = ~0u;
    driver.kick(0);
    EXPECT_EQ(page.kicks[0].load(), 0u);
    EXPECT_EQ(served.called(), 0u);
}

TEST_F(VirtioServer, KicksThatAreNone) {
    u64 at = driver.notify.address;
    driver.write(at + 1, 1, 0); // too narrow
    driver.write(at + 2, 2, 0); // between two queues
    driver.write(at, 8, 0);     // two queues at once
    driver.write(at + 8, 2, 0); // a queue that is not there
    driver.write(at + 0xFFC, 4, 0);
    driver.pci.set(PCI_COMMAND, 2, PCI_COMMAND_MEMORY); // no bus master
    driver.write(at, 2, 0);
    EXPECT_FALSE(served.board.take_call());
    EXPECT_EQ(page.kicks[0].load() + page.kicks[1].load(), 0u);
    EXPECT_EQ(driver.read(at, 4), 0u);
    EXPECT_EQ(driver.read(at + 8, 4), ~0u);
    driver.pci.set(PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    driver.write(at, 4, 0); // a dword will do
    EXPECT_EQ(served.called(), 0u);
}

TEST(VirtioNotStarted, NobodyIsCalledAndNobodyInterrupted) {
    ServedBoard served({plan});
    VirtioDriver driver(served.board);
    driver.enable_msix();
    ASSERT_TRUE(driver.negotiate(u64{1} << VIRTIO_F_VERSION_1));
    driver.select(0);
    driver.queue_vector(1);
    ASSERT_TRUE(driver.enable());
    driver.kick(0);
    served.board.ring({0, 0});
    EXPECT_FALSE(served.board.take_call());
    EXPECT_FALSE(served.board.take_message());
    driver.finish();
    served.called();
    served.board.ring({0, 1}); // not enabled
    driver.kick(1);
    EXPECT_FALSE(served.board.take_call());
    EXPECT_FALSE(served.board.take_message());
}

TEST_F(VirtioServer, WhatIsUsedInterrupts) {
    used(1);
    EXPECT_EQ(served.vectors(), Vectors{0x62});
    used(0);
    used(1);
    used(0);
    EXPECT_EQ(served.vectors(), (Vectors{0x61, 0x62}));
    driver.mask(1, true);
    used(0);
    EXPECT_EQ(served.vectors(), Vectors{});
    EXPECT_EQ(driver.pending(), 0b10u);
    driver.mask(1, false);
    EXPECT_EQ(served.vectors(), Vectors{0x61});
    driver.select(0);
    driver.queue_vector(VIRTIO_MSI_NO_VECTOR); // a driver that polls
    used(0);
    EXPECT_EQ(served.vectors(), Vectors{});
}

TEST_F(VirtioServer, DoorbellsForWhatIsNotThere) {
    for (u32 function : {0u, 1u, 30u, 31u, 0xFFFFu})
        for (u32 queue : {2u, 15u, 16u, 17u, 0x8000u, 0xFFFEu})
            served.board.ring({function, queue});
    served.board.ring({1, abi::no_queue});
    EXPECT_EQ(served.vectors(), Vectors{});
}

TEST_F(VirtioServer, WithoutMsixTheIsrTells) {
    driver.msix_flags(0);
    EXPECT_EQ(isr(), 0u);
    used(0);
    EXPECT_NE(driver.pci.get(PCI_STATUS, 2) & PCI_STATUS_INTERRUPT, 0u);
    EXPECT_EQ(driver.read(driver.isr.address + 1, 1), 0u); // does not clear it
    EXPECT_EQ(isr(), 1u);
    EXPECT_EQ(isr(), 0u);
    EXPECT_EQ(driver.pci.get(PCI_STATUS, 2) & PCI_STATUS_INTERRUPT, 0u);
    server.config_sequence = 2;
    attend();
    EXPECT_EQ(isr(), u32{VIRTIO_PCI_ISR_CONFIG});
    EXPECT_EQ(served.vectors(), Vectors{});
}

TEST_F(VirtioServer, AResetEndsWhenTheServerHasLetGo) {
    driver.kick(0);
    served.called();
    driver.begin_reset();
    EXPECT_EQ(served.called(), abi::no_queue);
    EXPECT_EQ(page.epoch.load(), 2u);
    EXPECT_EQ(page.status.load(), 0u);
    EXPECT_EQ(page.queue[0].enabled.load(), 0u);
    EXPECT_NE(driver.status(), 0u) << "requests may be in flight";
    driver.begin_reset(); // impatience changes nothing
    EXPECT_FALSE(served.board.take_call());
    EXPECT_EQ(page.epoch.load(), 2u);
    driver.add_status(VIRTIO_CONFIG_S_ACKNOWLEDGE); // nor does a driver that goes on
    EXPECT_EQ(page.status.load(), 0u);
    used(0); // of the last life
    EXPECT_EQ(served.vectors(), Vectors{});
    server.epoch = 2;
    EXPECT_EQ(driver.status(), 0u);
    server.epoch = 1; // what was over is over
    EXPECT_EQ(driver.status(), 0u);
    EXPECT_TRUE(driver.start());
    EXPECT_EQ(page.epoch.load(), 2u);
    used(0);
    EXPECT_EQ(served.vectors(), Vectors{0x61});
}

TEST_F(VirtioServer, OnlyTheRightEpochEndsAReset) {
    driver.begin_reset();
    for (u32 wrong : {0u, 1u, 3u, ~0u}) {
        server.epoch = wrong;
        EXPECT_NE(driver.status(), 0u);
    }
    server.epoch = 2;
    EXPECT_EQ(driver.status(), 0u);
}

TEST_F(VirtioServer, AResetForgetsWhatTheDriverSet) {
    driver.mask(1, true);
    used(0);
    used(1);
    driver.begin_reset();
    server.epoch = 2;
    EXPECT_EQ(served.vectors(), Vectors{});
    EXPECT_EQ(driver.pending(), 0u);
    EXPECT_EQ(isr(), 0u);
    EXPECT_EQ(page.features.load(), 0u);
    EXPECT_EQ(driver.get(VIRTIO_PCI_COMMON_MSIX, 2), u32{VIRTIO_MSI_NO_VECTOR});
    for (u32 queue : {0u, 1u}) {
        driver.select(queue);
        EXPECT_FALSE(driver.enabled());
        EXPECT_EQ(driver.queue_size(), plan.queue_sizes[queue]);
        EXPECT_EQ(driver.get(VIRTIO_PCI_COMMON_Q_DESCLO, 4), 0u);
        EXPECT_EQ(driver.get(VIRTIO_PCI_COMMON_Q_MSIX, 2), u32{VIRTIO_MSI_NO_VECTOR});
    }
}

TEST_F(VirtioServer, AChangeOfTheConfigurationIsTakenAndTold) {
    u64 at = driver.config.address;
    u32 generation = driver.get(VIRTIO_PCI_COMMON_CFGGENERATION, 1);
    server.config_sequence = 1;
    server.config[0] = 0xAABB'CCDD;
    attend(); // it is still being written
    EXPECT_EQ(driver.read(at, 4), 0x4433'2211u);
    EXPECT_EQ(driver.get(VIRTIO_PCI_COMMON_CFGGENERATION, 1), generation);
    EXPECT_EQ(served.vectors(), Vectors{});
    server.config[1] = 0xEEFF'0102;
    server.config_sequence = 2;
    EXPECT_EQ(driver.read(at, 4), 0x4433'2211u) << "not before the server rings";
    attend();
    EXPECT_EQ(driver.read(at, 4), 0xAABB'CCDDu);
    EXPECT_EQ(driver.read(at + 4, 2), 0x0102u);
    EXPECT_EQ(driver.get(VIRTIO_PCI_COMMON_CFGGENERATION, 1), generation + 1);
    EXPECT_EQ(served.vectors(), Vectors{0x60});
    attend(); // nothing new
    EXPECT_EQ(served.vectors(), Vectors{});
    EXPECT_EQ(driver.get(VIRTIO_PCI_COMMON_CFGGENERATION, 1), generation + 1);
}

TEST_F(VirtioServer, TheGenerationIsEightBits) {
    for (u32 i = 1; i <= 256; ++i) {
        server.config_sequence = 2 * i;
        attend();
    }
    EXPECT_EQ(page.config_generation.load(), 256u);
    EXPECT_EQ(driver.get(VIRTIO_PCI_COMMON_CFGGENERATION, 1), 0u);
}

TEST_F(VirtioServer, TheServerMayWantAReset) {
    server.needs_reset = 7; // not this life
    attend();
    EXPECT_EQ(driver.status() & needs_reset, 0u);
    server.needs_reset = page.epoch.load();
    EXPECT_EQ(driver.status() & needs_reset, 0u) << "not before it rings";
    attend();
    EXPECT_EQ(driver.status() & needs_reset, needs_reset);
    EXPECT_EQ(served.vectors(), Vectors{0x60});
    attend();
    used(0);
    driver.kick(0);
    EXPECT_EQ(served.vectors(), Vectors{}) << "once, and then the device is still";
    EXPECT_FALSE(served.board.take_call());
    driver.begin_reset();
    EXPECT_NE(driver.status(), 0u);
    server.epoch = 2;
    EXPECT_EQ(driver.status(), 0u);
    EXPECT_TRUE(driver.start());
    attend(); // the request was for the last life
    EXPECT_EQ(driver.status() & needs_reset, 0u);
}

TEST_F(VirtioServer, ChangesBeforeTheDriverRunsAreNotTold) {
    driver.begin_reset();
    server.epoch = 2;
    ASSERT_EQ(driver.status(), 0u);
    driver.enable_msix();
    ASSERT_TRUE(driver.config_vector(0));
    server.config[0] = 5;
    server.config_sequence = 2;
    server.needs_reset = 2;
    attend();
    EXPECT_EQ(served.vectors(), Vectors{});
    EXPECT_EQ(driver.status(), 0u);
    EXPECT_EQ(driver.read(driver.config.address, 4), 5u);
}

TEST(VirtioFunctions, DoNotDisturbEachOther) {
    ServedBoard served({plan, plan, plan});
    VirtioDriver first(served.board, 1), second(served.board, 2);
    ASSERT_TRUE(first.start());
    ASSERT_TRUE(second.start());
    while (served.board.take_call()) {
    }
    second.enable_msix(0x90);
    second.kick(1);
    auto call = served.board.take_call();
    ASSERT_TRUE(call);
    EXPECT_EQ(call->function, 1u);
    EXPECT_EQ(call->queue, 1u);
    EXPECT_EQ(served.page(0).kicks[1].load(), 0u);
    served.board.ring({1, 0});
    served.board.ring({0, 0});
    EXPECT_EQ(served.vectors(), (Vectors{0x61, 0x91}));
    second.begin_reset();
    EXPECT_EQ(served.page(0).epoch.load(), 1u);
    EXPECT_NE(first.status() & driver_ok, 0u);
    EXPECT_EQ(served.page(2).status.load(), 0u);
}

} // namespace
} // namespace cloison::core
