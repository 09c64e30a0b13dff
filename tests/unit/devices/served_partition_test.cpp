// SPDX-License-Identifier: Apache-2.0
// A client and the partition that serves it: kicks become calls, the doorbell becomes interrupts,
// and neither holds the other's lock.
#include "tests/unit/core/fake_machine.hpp"
#include "tests/unit/devices/served_board.hpp"

#include <gtest/gtest.h>

namespace cloison::core {
namespace {

constexpr u64 bar = guest_map::pci_window.base;
constexpr u64 common = bar, notify = bar + 0x3000, msix = bar + 0x4000;

struct ServedPartition : testing::Test {
    ServedPartition() {
        client.partition.attach(served.list(), served.record(), {call, this});
        configure(PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    }
    static void call(void* context, VirtualCpu& caller, const ServerCall& what) {
        auto& test = *static_cast<ServedPartition*>(context);
        EXPECT_EQ(&caller, &test.client.cpu(0));
        // The fake lock throws when it is taken twice.
        (void)test.client.partition.port_read(caller, 0x80, 1);
        test.calls.push_back(what.queue);
    }
    void configure(u32 offset, u32 size, u32 value) {
        client.partition.mmio_write(client.cpu(0), guest_map::ecam.base + (1 << 15) + offset, size,
                                    value);
    }
    void write(u64 address, u32 size, u64 value) {
        client.partition.mmio_write(client.cpu(0), address, size, value);
    }
    /// All queues enabled, queue 0 on MSI-X entry 0 with that address and data.
    void start(u64 message_address, u32 data) {
        for (u32 status : {1u, 3u})
            write(common + VIRTIO_PCI_COMMON_STATUS, 1, status);
        write(common + VIRTIO_PCI_COMMON_GFSELECT, 4, 1);
        write(common + VIRTIO_PCI_COMMON_GF, 4, 1); // VERSION_1
        write(common + VIRTIO_PCI_COMMON_STATUS, 1, 11);
        write(common + VIRTIO_PCI_COMMON_Q_MSIX, 2, 0);
        write(common + VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1); // rings at 0
        write(common + VIRTIO_PCI_COMMON_STATUS, 1, 15);
        write(msix, 8, message_address);
        write(msix + 8, 8, data); // and unmasked
        configure(PCI_STD_HEADER_SIZEOF + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE);
    }
    void leave_bell(u32 function, u32 queues) {
        served.bells().queues[function].fetch_or(queues);
        served.bells().functions.fetch_or(1u << function);
    }
    void use(u32 queue) {
        leave_bell(0, 1u << queue);
        client.partition.hear_bells(control.cpu(0));
    }

    FakePartition client{3}, control{2};
    ServedFunctions served{{FunctionPlan{}}};
    std::vector<u32> calls;
};

TEST_F(ServedPartition, AKickCallsTheServerOutsideTheLock) {
    start(0xFEE0'0000, 0x41);
    EXPECT_EQ(calls, std::vector<u32>{abi::no_queue}); // the driver is there
    write(notify, 2, 0);
    EXPECT_EQ(calls, (std::vector<u32>{abi::no_queue, 0}));
}

TEST_F(ServedPartition, WithoutALineTheRecordTells) {
    FakePartition lonely(1);
    ServedFunctions functions({FunctionPlan{}});
    lonely.partition.attach(functions.list(), functions.record(), {});
    lonely.partition.mmio_write(lonely.cpu(0), guest_map::ecam.base + (1 << 15) + PCI_COMMAND, 2,
                                PCI_COMMAND_MEMORY);
    lonely.partition.mmio_write(lonely.cpu(0), common + VIRTIO_PCI_COMMON_STATUS, 1, 1);
    EXPECT_EQ(functions.page(0).status.load(), 1u);
}

TEST_F(ServedPartition, TheDoorbellInterruptsTheCpuThatTheDriverChose) {
    start(0xFEE0'2000, 0x41);
    use(0);
    EXPECT_EQ(client.take_interrupts(2), std::vector<u8>{0x41});
    EXPECT_EQ(client.machine.kicks[&client.cpu(2)], 1);
    EXPECT_EQ(client.machine.kicks.size(), 1u);
    EXPECT_TRUE(control.machine.kicks.empty());
    EXPECT_TRUE(calls.size() == 1) << "a doorbell calls nobody back";
}

TEST_F(ServedPartition, WhoListensHearsTheBells) {
    start(0xFEE0'2000, 0x41);
    EXPECT_TRUE(client.partition.is_served());
    EXPECT_FALSE(control.partition.is_served());
    EXPECT_FALSE(control.partition.has_bells());
    client.partition.listen();
    EXPECT_EQ(served.record().adapter().listeners.load(), 1u);
    EXPECT_FALSE(client.partition.has_bells());
    leave_bell(0, 1);
    EXPECT_TRUE(client.partition.has_bells());
    client.partition.stop_listening();
    EXPECT_EQ(served.record().adapter().listeners.load(), 0u);
    client.partition.hear_bells(client.cpu(2)); // for itself: nobody has to be woken up
    EXPECT_FALSE(client.partition.has_bells());
    EXPECT_EQ(client.take_interrupts(2), std::vector<u8>{0x41});
    EXPECT_TRUE(client.machine.kicks.empty());
    client.partition.hear_bells(client.cpu(2)); // once for each
    EXPECT_TRUE(client.take_interrupts(2).empty());
    control.partition.hear_bells(client.cpu(2)); // nobody serves it
}

TEST_F(ServedPartition, BellsForWhatIsNotThere) {
    start(0xFEE0'0000, 0x41);
    leave_bell(30, ~0u);
    leave_bell(1, ~0u);
    leave_bell(0, ~1u); // everything but the queue that there is
    served.bells().functions.store(~0u);
    client.partition.hear_bells(control.cpu(0));
    EXPECT_FALSE(client.partition.has_bells());
    EXPECT_TRUE(client.take_interrupts(0).empty());
}

TEST_F(ServedPartition, ABroadcastStaysInThePartition) {
    for (u32 data : {0x41u, 0x4441u, 0x4541u, 0xC141u}) { // fixed, NMI, INIT, level
        start(0xFEEF'F000, data);
        use(0);
        for (u32 id : {0u, 1u})
            EXPECT_EQ(control.cpu(id).events.load(), 0u);
    }
    for (u32 id : {0u, 1u, 2u})
        EXPECT_NE(client.cpu(id).events.load(), 0u);
    EXPECT_TRUE(control.machine.kicks.empty());
    EXPECT_TRUE(control.machine.alerts.empty());
}

TEST_F(ServedPartition, WritesToOtherAddressesAreDropped) {
    start(0x10'0000, 0x41); // its own memory
    use(0);
    for (u32 id : {0u, 1u, 2u})
        EXPECT_EQ(client.cpu(id).events.load(), 0u);
}

TEST_F(ServedPartition, ClaimsTheWindowWhereThereAreFunctions) {
    EXPECT_TRUE(client.partition.claims(bar + 0x100'0000));
    EXPECT_FALSE(control.partition.claims(bar + 0x100'0000));
    EXPECT_TRUE(control.partition.claims(guest_map::ecam.base));
    EXPECT_FALSE(client.partition.claims(guest_map::local_apic));
}

} // namespace
} // namespace cloison::core
