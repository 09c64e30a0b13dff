// SPDX-License-Identifier: Apache-2.0
// How interrupts and the life cycle travel inside a partition, on a fake machine.
#include "tests/unit/core/fake_machine.hpp"

#include <gtest/gtest.h>

#include <random>

namespace cloison::core {
namespace {

constexpr u64 icr(Delivery mode, u8 vector, u32 shorthand = 0, bool logical = false) {
    return u64{vector} | u64{static_cast<u8>(mode)} << 8 | u64{logical} << 11 | 1 << 14 |
           u64{shorthand} << 18;
}
constexpr u64 to_xapic(u32 destination) {
    return u64{destination} << 56;
}
constexpr u32 self = 1, all = 2, all_but_self = 3;

TEST(Partition, FixedInterruptReachesItsDestinationOnce) {
    FakePartition p(4);
    p.partition.send_ipi(p.cpu(0), to_xapic(2) | icr(Delivery::fixed, 0x55));
    p.partition.send_ipi(p.cpu(0), to_xapic(2) | icr(Delivery::fixed, 0x56));
    EXPECT_EQ(p.machine.kicks[&p.cpu(2)], 1) << "called once: it has not looked yet";
    EXPECT_EQ(p.take_interrupts(2), (std::vector<u8>{0x55, 0x56}));
    for (u32 id : {0u, 1u, 3u})
        EXPECT_EQ(p.cpu(id).events.load(), 0u);
    p.partition.send_ipi(p.cpu(0), to_xapic(2) | icr(Delivery::fixed, 0x57));
    EXPECT_EQ(p.machine.kicks[&p.cpu(2)], 2);
}

TEST(Partition, Shorthands) {
    for (u32 shorthand : {self, all, all_but_self}) {
        FakePartition p(3);
        p.partition.send_ipi(p.cpu(1), to_xapic(0) | icr(Delivery::fixed, 0x40, shorthand));
        for (u32 id = 0; id < 3; ++id) {
            bool expected = shorthand == all || (shorthand == self) == (id == 1);
            EXPECT_EQ(p.take_interrupts(id).size(), expected ? 1u : 0u)
                << shorthand << " to " << id;
        }
        EXPECT_EQ(p.machine.kicks.count(&p.cpu(1)), 0u) << "no call to oneself";
    }
}

TEST(Partition, LowestPriorityReachesOneOfThoseAddressed) {
    FakePartition p(4);
    for (u32 id = 0; id < 4; ++id)
        p.cpu(id).apic.write(apic_reg::ldr, u64{1} << (24 + id), 0);
    p.partition.send_ipi(p.cpu(0),
                         to_xapic(0b1100) | icr(Delivery::lowest_priority, 0x40, 0, true));
    EXPECT_EQ(p.take_interrupts(2).size() + p.take_interrupts(3).size(), 1u);
    EXPECT_TRUE(p.take_interrupts(0).empty());
}

TEST(Partition, DestinationsOutsideReachNobody) {
    FakePartition p(2);
    for (u32 destination = 2; destination < 0xFF; ++destination)
        for (u32 mode = 0; mode < 8; ++mode)
            p.partition.send_ipi(p.cpu(0),
                                 to_xapic(destination) | icr(static_cast<Delivery>(mode), 0x40));
    EXPECT_EQ(p.cpu(0).events.load() | p.cpu(1).events.load(), 0u);
    EXPECT_TRUE(p.machine.kicks.empty());
    EXPECT_TRUE(p.machine.alerts.empty());
}

TEST(Partition, InitAndStartup) {
    FakePartition p(2);
    p.partition.send_ipi(p.cpu(0), to_xapic(1) | icr(Delivery::init, 0));
    EXPECT_EQ(p.cpu(1).events.load(), event::init);
    p.partition.send_ipi(p.cpu(0), to_xapic(1) | 0xC500 | u64{2} << 14); // level de-assert
    p.partition.send_ipi(p.cpu(0), to_xapic(1) | icr(Delivery::startup, 0x9A));
    EXPECT_EQ(p.cpu(1).events.load(), event::init | event::startup);
    EXPECT_EQ(p.cpu(1).startup_vector.load(), 0x9A);
    EXPECT_GE(p.machine.alerts[&p.cpu(1)], 1);
}

TEST(Partition, InitWipesAnEarlierStartup) {
    FakePartition p(2);
    p.partition.send_ipi(p.cpu(0), to_xapic(1) | icr(Delivery::startup, 0x9A));
    p.partition.send_ipi(p.cpu(0), to_xapic(1) | icr(Delivery::init, 0));
    EXPECT_EQ(p.cpu(1).events.load(), event::init);
}

TEST(Partition, NoSystemManagementInterruptAndNoExternalOne) {
    FakePartition p(2);
    for (Delivery mode : {Delivery::smi, Delivery::external})
        p.partition.send_ipi(p.cpu(0), icr(mode, 0x40, all));
    EXPECT_EQ(p.cpu(0).events.load() | p.cpu(1).events.load(), 0u);
}

TEST(Partition, FirstReasonToStopCountsAndEveryCpuIsCalled) {
    FakePartition p(3);
    p.partition.stop(StopReason::triple_fault);
    p.partition.stop(StopReason::power_off);
    EXPECT_EQ(p.partition.reason(), StopReason::triple_fault);
    for (u32 id = 0; id < 3; ++id) {
        EXPECT_EQ(p.cpu(id).events.load(), event::stop);
        EXPECT_EQ(p.machine.alerts[&p.cpu(id)], 1);
    }
    EXPECT_FALSE(p.partition.parked());
    EXPECT_FALSE(p.partition.parked());
    EXPECT_TRUE(p.partition.parked()) << "the last one";
}

TEST(Partition, PowerOffPortStopsThePartition) {
    FakePartition p(1);
    constexpr u16 sleep_enable = 1 << 13;
    p.partition.port_write(p.cpu(0), guest_map::pm1_control, 2,
                           sleep_enable | guest_map::s5_sleep_type << 10);
    EXPECT_EQ(p.partition.reason(), StopReason::power_off);
    FakePartition q(1);
    q.partition.port_write(q.cpu(0), guest_map::reset_control, 1, guest_map::reset_value);
    EXPECT_EQ(q.partition.reason(), StopReason::reset);
}

/// Programs I/O APIC pin `pin` (registers 10H + 2 * pin) as Linux does.
void route(FakePartition& p, u32 pin, u64 entry) {
    auto write = [&](u32 index, u32 value) {
        p.partition.mmio_write(p.cpu(0), guest_map::ioapic, 4, index);
        p.partition.mmio_write(p.cpu(0), guest_map::ioapic + 0x10, 4, value);
    };
    write(0x11 + 2 * pin, static_cast<u32>(entry >> 32));
    write(0x10 + 2 * pin, static_cast<u32>(entry));
}

TEST(Partition, TimerInterruptTravelsThroughTheIoApic) {
    FakePartition p(2);
    route(p, guest_map::gsi_pit, to_xapic(1) | 0x30);
    // Channel 0, mode 2, count 1193: about a millisecond.
    p.partition.port_write(p.cpu(0), 0x43, 1, 0x34);
    p.partition.port_write(p.cpu(0), 0x40, 1, 1193 & 0xFF);
    p.partition.port_write(p.cpu(0), 0x40, 1, 1193 >> 8);
    u64 deadline = p.partition.deadline();
    ASSERT_GT(deadline, 0u);
    EXPECT_NEAR(static_cast<double>(deadline), fake_tsc_hz / 1000, 200);
    p.machine.time = deadline;
    p.partition.run_timers(p.cpu(0));
    EXPECT_EQ(p.take_interrupts(1), std::vector<u8>{0x30});
    EXPECT_EQ(p.machine.kicks[&p.cpu(1)], 1);
    EXPECT_GT(p.partition.deadline(), deadline) << "the next period";
}

TEST(Partition, BootCpuIsCalledWhenAnotherMovesTheDeadline) {
    FakePartition p(2);
    route(p, guest_map::gsi_pit, 0x30);
    p.machine.kicks.clear();
    p.cpu(0).events.store(0);
    p.partition.port_write(p.cpu(1), 0x43, 1, 0x34);
    p.partition.port_write(p.cpu(1), 0x40, 1, 0x10);
    p.partition.port_write(p.cpu(1), 0x40, 1, 0x10);
    EXPECT_NE(p.cpu(0).events.load() & event::attention, 0u);
    EXPECT_GE(p.machine.kicks[&p.cpu(0)], 1);
}

TEST(Partition, HostileAccessesNeverLeaveThePartition) {
    std::mt19937_64 random(3);
    FakePartition p(3);
    for (int i = 0; i < 300'000; ++i) {
        auto& cpu = p.cpu(static_cast<u32>(random() % 3));
        auto port = static_cast<u16>(random() % 2 == 0 ? random() : random() & 0x7FF);
        u32 size = 1u << random() % 3;
        p.machine.time += random() % 10000;
        switch (random() % 6) {
        case 0:
            p.partition.port_write(cpu, port, size, static_cast<u32>(random()));
            break;
        case 1:
            (void)p.partition.port_read(cpu, port, size);
            break;
        case 2:
            p.partition.mmio_write(cpu, guest_map::ioapic + random() % 64, size, random());
            break;
        case 3:
            p.partition.send_ipi(cpu, random());
            break;
        case 4:
            p.partition.end_of_interrupt(cpu, static_cast<u8>(random()));
            break;
        default:
            p.partition.run_timers(p.cpu(0));
            break;
        }
        for (u32 id = 0; id < 3; ++id)
            p.take_interrupts(id);
        for (auto* called : {&p.machine.kicks, &p.machine.alerts})
            for (auto& [target, count] : *called)
                ASSERT_TRUE(target == &p.cpu(0) || target == &p.cpu(1) || target == &p.cpu(2));
        ASSERT_FALSE(p.machine.kicks.size() > 3);
    }
}

} // namespace
} // namespace cloison::core
