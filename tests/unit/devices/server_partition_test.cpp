// SPDX-License-Identifier: Apache-2.0
// A partition that serves others: adapters on its bus, their interrupts and doorbells, and the
// machine's interrupts that it owns.
#include "tests/unit/core/fake_machine.hpp"
#include "tests/unit/devices/served_board.hpp"

#include <gtest/gtest.h>

namespace cloison::core {
namespace {

using FakeServed = Partition<FakeMachine>;

constexpr u64 doorbell = guest_map::pci_window.base + 0x10'0000;
constexpr u64 ioapic = guest_map::ioapic;
constexpr u32 adapter_pin = 23, level_pin = 18, edge_pin = 14;

Bars adapter_bars() {
    Bars bars;
    bars.add(0, {doorbell, page_size}, PCI_BASE_ADDRESS_SPACE_MEMORY);
    bars.add(2, {guest_map::server_window.base, gib},
             PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH);
    return bars;
}

struct ServerPartition : testing::Test {
    ServerPartition() {
        client.partition.attach(served.list(), served.record(), {call, this});
        server.partition.serve(bus, clients, {set, this, 1u << level_pin | 1u << edge_pin});
    }
    static void call(void* context, VirtualCpu& caller, const ServerCall&) {
        auto& test = *static_cast<ServerPartition*>(context);
        test.server.partition.raise_adapter(caller, test.adapter);
    }
    static void set(void* context, const HostPin& pin) {
        static_cast<ServerPartition*>(context)->host.push_back(pin);
    }
    void write(u64 address, u32 size, u64 value) {
        server.partition.mmio_write(server.cpu(0), address, size, value);
    }
    void configure(u32 offset, u32 size, u32 value, u32 slot = 1) {
        write(guest_map::ecam.base + (slot << 15) + offset, size, value);
    }
    u32 configuration(u32 offset) {
        return static_cast<u32>(server.partition.mmio_read(
            server.cpu(0), guest_map::ecam.base + (1 << 15) + offset, 4));
    }
    /// Sets an I/O APIC entry: fixed, to CPU 1.
    void redirect(u32 pin, u32 entry) {
        write(ioapic, 4, 0x11 + 2 * pin);
        write(ioapic + 0x10, 4, 1u << 24);
        write(ioapic, 4, 0x10 + 2 * pin);
        write(ioapic + 0x10, 4, entry);
    }
    static constexpr u32 level = 1 << 15, low = 1 << 13, masked = 1 << 16;

    FakePartition client{1}, server{2};
    ServedFunctions served{{FunctionPlan{}}};
    ServiceFunction adapter{abi::adapter_device, adapter_bars(), adapter_pin};
    std::vector<PciFunction*> bus{&adapter};
    std::vector<FakeServed::Client> clients{{doorbell, &client.partition, &adapter}};
    std::vector<HostPin> host;
};

TEST_F(ServerPartition, AnAdapterIsAFunctionOfItsBus) {
    EXPECT_EQ(configuration(PCI_VENDOR_ID), abi::service_vendor | abi::adapter_device << 16);
    EXPECT_EQ(configuration(PCI_BASE_ADDRESS_0), doorbell);
    configure(PCI_BASE_ADDRESS_2, 4, ~0u);
    configure(PCI_BASE_ADDRESS_3, 4, ~0u);
    EXPECT_EQ(configuration(PCI_BASE_ADDRESS_2) & ~0xFu, ~static_cast<u32>(gib - 1));
    EXPECT_EQ(configuration(PCI_BASE_ADDRESS_3), ~0u);
    EXPECT_EQ(configuration(PCI_INTERRUPT_LINE), 0x100u | adapter_pin);
}

TEST_F(ServerPartition, ACallRaisesThePinUntilItIsEnabledAnew) {
    redirect(adapter_pin, 0x51 | level | low);
    server.partition.raise_adapter(client.cpu(0), adapter);
    EXPECT_EQ(server.take_interrupts(1), std::vector<u8>{0x51});
    EXPECT_NE(configuration(PCI_COMMAND) >> 16 & PCI_STATUS_INTERRUPT, 0u);

    configure(PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE); // as a handler that will have it looked at
    server.partition.end_of_interrupt(server.cpu(1), 0x51);
    EXPECT_TRUE(server.take_interrupts(1).empty());
    server.partition.raise_adapter(client.cpu(0), adapter); // kicks while it looks are one
    EXPECT_TRUE(server.take_interrupts(1).empty());

    configure(PCI_COMMAND, 2, 0);
    EXPECT_EQ(configuration(PCI_COMMAND) >> 16 & PCI_STATUS_INTERRUPT, 0u);
    EXPECT_TRUE(server.take_interrupts(1).empty());
    server.partition.raise_adapter(client.cpu(0), adapter);
    EXPECT_EQ(server.take_interrupts(1), std::vector<u8>{0x51});
}

TEST_F(ServerPartition, TheDoorbellIsOneAccessOfFourBytes) {
    auto heard = [&](u64 address, u32 size, u64 value) {
        served.bells().functions.store(1);
        write(address, size, value);
        return !client.partition.has_bells();
    };
    EXPECT_TRUE(heard(doorbell, 4, 0)); // whatever is written
    EXPECT_TRUE(heard(doorbell, 4, ~u32{0}));
    for (u32 size : {1u, 2u, 8u})
        EXPECT_FALSE(heard(doorbell, size, 0));
    EXPECT_FALSE(heard(doorbell + 4, 4, 0));
    EXPECT_TRUE(server.partition.claims(doorbell));
    EXPECT_TRUE(client.take_interrupts(0).empty()); // no driver, no interrupt
}

TEST_F(ServerPartition, AnEdgeOfTheMachineGoesThrough) {
    redirect(edge_pin, 0x61);
    EXPECT_EQ(host, (std::vector<HostPin>{{edge_pin, false, false, false}}));
    server.partition.host_interrupt(server.cpu(0), edge_pin);
    server.partition.host_interrupt(server.cpu(0), edge_pin);
    EXPECT_EQ(server.take_interrupts(1), std::vector<u8>{0x61});
    EXPECT_EQ(host.size(), 1u) << "an edge needs no mask";
    redirect(edge_pin, 0x61 | masked);
    EXPECT_TRUE(host.back().masked);
    server.partition.host_interrupt(server.cpu(0), edge_pin);
    EXPECT_TRUE(server.take_interrupts(1).empty());
}

TEST_F(ServerPartition, ALevelIsMaskedUntilTheGuestHasEndedIt) {
    redirect(level_pin, 0x71 | level | low);
    EXPECT_EQ(host, (std::vector<HostPin>{{level_pin, true, true, false}}));
    server.partition.host_interrupt(server.cpu(0), level_pin);
    EXPECT_EQ(host.back(), (HostPin{level_pin, true, true, true}));
    EXPECT_EQ(server.take_interrupts(1), std::vector<u8>{0x71});
    server.partition.end_of_interrupt(server.cpu(1), 0x72); // another one's
    EXPECT_TRUE(host.back().masked);
    server.partition.end_of_interrupt(server.cpu(1), 0x71);
    EXPECT_EQ(host.back(), (HostPin{level_pin, true, true, false}));
    EXPECT_TRUE(server.take_interrupts(1).empty()) << "the machine says whether it is still up";
    server.partition.host_interrupt(server.cpu(0), level_pin);
    EXPECT_EQ(server.take_interrupts(1), std::vector<u8>{0x71});
}

TEST_F(ServerPartition, InterruptsOfOthersAreNotTaken) {
    redirect(20, 0x44);
    for (u32 pin : {20u, 24u, 1000u})
        server.partition.host_interrupt(server.cpu(0), pin);
    EXPECT_TRUE(server.take_interrupts(1).empty());
    EXPECT_TRUE(host.empty());
}

TEST_F(ServerPartition, StartedAnewItIsAsAtFirst) {
    redirect(level_pin, 0x71 | level | low);
    server.partition.host_interrupt(server.cpu(0), level_pin);
    server.partition.raise_adapter(client.cpu(0), adapter);
    server.partition.stop(StopReason::reset);
    EXPECT_FALSE(server.partition.parked());
    EXPECT_TRUE(server.partition.parked());
    server.partition.restart(server.cpu(0));
    EXPECT_EQ(server.partition.reason(), StopReason::none);
    for (u32 id : {0u, 1u}) {
        EXPECT_EQ(server.cpu(id).events.load(), 0u);
        EXPECT_FALSE(server.cpu(id).apic.software_enabled());
        EXPECT_TRUE(server.take_interrupts(id).empty());
    }
    host.clear();
    server.cpu(1).apic.write(apic_reg::svr, 0x1FF, 0);
    redirect(level_pin, 0x71 | level);
    EXPECT_EQ(host, (std::vector<HostPin>{{level_pin, true, false, false}}));
    server.partition.host_interrupt(server.cpu(0), level_pin);
    EXPECT_EQ(server.take_interrupts(1), std::vector<u8>{0x71});
    EXPECT_EQ(configuration(PCI_VENDOR_ID), abi::service_vendor | abi::adapter_device << 16);
}

TEST_F(ServerPartition, AClientStartedAnewWaitsForItsServer) {
    auto driver = [&](u64 offset, u32 size, u64 value) {
        client.partition.mmio_write(client.cpu(0), guest_map::pci_window.base + offset, size,
                                    value);
    };
    client.partition.mmio_write(client.cpu(0), guest_map::ecam.base + (1 << 15) + PCI_COMMAND, 2,
                                PCI_COMMAND_MEMORY);
    EXPECT_TRUE(client.partition.settled());
    driver(VIRTIO_PCI_COMMON_GFSELECT, 4, 1);
    driver(VIRTIO_PCI_COMMON_GF, 4, 1);
    for (u32 status : {1u, 3u, 11u, 15u})
        driver(VIRTIO_PCI_COMMON_STATUS, 1, status);
    EXPECT_EQ(served.page(0).status.load(), 15u);

    client.partition.stop(StopReason::triple_fault);
    EXPECT_TRUE(client.partition.parked());
    client.partition.restart(client.cpu(0));
    EXPECT_EQ(served.page(0).status.load(), 0u);
    EXPECT_NE(configuration(PCI_COMMAND) >> 16 & PCI_STATUS_INTERRUPT, 0u) << "its server knows";
    EXPECT_FALSE(client.partition.settled());
    served.server(0).epoch = served.page(0).epoch.load();
    EXPECT_TRUE(client.partition.settled());
}

} // namespace
} // namespace cloison::core
