// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/apic/local_apic.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace cloison::core {
namespace {

namespace reg = apic_reg;
constexpr u64 base_xapic = 0xFEE00000 | 1 << 11, base_x2apic = base_xapic | 1 << 10;

struct LocalApicTest : testing::Test {
    alignas(4096) std::array<u32, 1024> page{};
    LocalApic apic;

    void SetUp() override { start(3, false); }
    void start(u32 id, bool boot) {
        page.fill(0);
        apic.attach(page.data(), id, boot);
        apic.write(reg::svr, 0x1FF, 0);
    }
    void to_x2apic() { ASSERT_TRUE(apic.write_base((apic.base() & 1 << 8) | base_x2apic)); }
};

TEST_F(LocalApicTest, StateAfterPowerOn) {
    apic.reset(false);
    EXPECT_EQ(apic.read(reg::id, 0), 3u << 24);
    EXPECT_EQ(apic.read(reg::svr, 0), 0xFFu);
    EXPECT_EQ(apic.read(reg::dfr, 0), ~u32{0});
    for (u32 r = reg::lvt_timer; r <= reg::lvt_error; ++r)
        EXPECT_EQ(apic.read(r, 0), 1u << 16);
    EXPECT_FALSE(apic.software_enabled());
    EXPECT_EQ(apic.deadline(), LocalApic::never);
}

TEST_F(LocalApicTest, BaseRegisterTransitions) {
    // SDM vol. 3A, figure 11-27: disabled, xAPIC and x2APIC; no way from disabled to x2APIC or
    // back.
    constexpr u64 off = 0xFEE00000;
    for (u64 bad : {base_xapic | 1, base_xapic | 1 << 9, u64{0xFEF00000} | 1 << 11,
                    base_xapic | u64{1} << 40, off | 1 << 10})
        EXPECT_FALSE(apic.write_base(bad)) << std::hex << bad;
    EXPECT_TRUE(apic.write_base(base_x2apic));
    EXPECT_TRUE(apic.x2apic());
    EXPECT_FALSE(apic.write_base(base_xapic)) << "from x2APIC only to disabled";
    EXPECT_TRUE(apic.write_base(off));
    EXPECT_FALSE(apic.enabled());
    EXPECT_FALSE(apic.write_base(base_x2apic)) << "from disabled only to xAPIC";
    EXPECT_TRUE(apic.write_base(base_xapic));
    EXPECT_FALSE(apic.software_enabled()) << "as after reset";
}

TEST_F(LocalApicTest, X2ApicLogicalIdFollowsFromTheId) {
    for (u32 id : {0u, 1u, 15u, 16u, 200u, 300u}) {
        start(id, false);
        to_x2apic();
        EXPECT_EQ(apic.read(reg::id, 0), id);
        EXPECT_EQ(apic.read(reg::ldr, 0), (id >> 4) << 16 | 1u << (id & 15));
        EXPECT_FALSE(apic.write(reg::ldr, 0, 0)) << "read-only";
        EXPECT_FALSE(apic.read(reg::dfr, 0)) << "does not exist";
        EXPECT_FALSE(apic.read(reg::icr_high, 0));
    }
}

TEST_F(LocalApicTest, ReservedBitsRaiseFaultsInX2ApicMode) {
    to_x2apic();
    EXPECT_FALSE(apic.write(reg::tpr, u64{1} << 32, 0));
    EXPECT_FALSE(apic.write(reg::eoi, 1, 0));
    EXPECT_FALSE(apic.write(reg::esr, 1, 0));
    EXPECT_FALSE(apic.write(reg::self_ipi, 0x100, 0));
    EXPECT_FALSE(apic.write(reg::id, 0, 0)) << "read-only";
    EXPECT_FALSE(apic.write(reg::isr, 0, 0));
    EXPECT_FALSE(apic.read(0x01, 0));
}

TEST_F(LocalApicTest, InterruptsNestByPriority) {
    apic.request(0x41, false);
    apic.request(0x52, false);
    EXPECT_EQ(apic.deliverable(), 0x52);
    apic.accept(0x52);
    EXPECT_EQ(apic.deliverable(), -1) << "0x41 waits for the higher class";
    apic.request(0x5F, false);
    EXPECT_EQ(apic.deliverable(), -1) << "the same class waits too";
    apic.request(0x61, false);
    EXPECT_EQ(apic.deliverable(), 0x61);
    apic.accept(0x61);
    EXPECT_EQ(apic.read(reg::ppr, 0), 0x60u);
    EXPECT_FALSE(apic.end_of_interrupt()) << "edge: nothing to announce";
    EXPECT_FALSE(apic.end_of_interrupt());
    EXPECT_EQ(apic.deliverable(), 0x5F);
    apic.accept(0x5F);
    apic.end_of_interrupt();
    EXPECT_EQ(apic.deliverable(), 0x41);
}

TEST_F(LocalApicTest, TaskPriorityHoldsBackItsClassAndBelow) {
    apic.request(0x45, false);
    apic.write(reg::tpr, 0x40, 0);
    EXPECT_EQ(apic.deliverable(), -1);
    apic.write(reg::tpr, 0x3F, 0);
    EXPECT_EQ(apic.deliverable(), 0x45);
}

TEST_F(LocalApicTest, LevelInterruptsAreAnnouncedAtTheirEnd) {
    apic.request(0x31, true);
    apic.accept(0x31);
    auto effect = apic.write(reg::eoi, 0, 0);
    ASSERT_TRUE(effect);
    EXPECT_EQ(effect->kind, ApicEffect::Kind::end_of_interrupt);
    EXPECT_EQ(effect->vector, 0x31);
    effect = apic.write(reg::eoi, 0, 0);
    EXPECT_EQ(effect->kind, ApicEffect::Kind::none) << "nothing in service";
}

TEST_F(LocalApicTest, SoftwareDisabledDropsRequestsAndMasksTheTable) {
    apic.write(reg::lvt_timer, 0x40, 0);
    apic.write(reg::svr, 0xFF, 0);
    apic.request(0x40, false);
    EXPECT_EQ(apic.highest_requested(), -1);
    EXPECT_FALSE(apic.lvt(reg::lvt_timer));
    apic.write(reg::lvt_timer, 0x40, 0);
    EXPECT_FALSE(apic.lvt(reg::lvt_timer)) << "cannot be unmasked meanwhile";
}

TEST_F(LocalApicTest, OneShotTimer) {
    apic.write(reg::divide, 0xB, 1000); // by 1
    apic.write(reg::lvt_timer, 0xEC, 1000);
    apic.write(reg::initial_count, 500, 1000);
    EXPECT_EQ(apic.deadline(), 1500u);
    EXPECT_EQ(apic.read(reg::current_count, 1200), 300u);
    apic.run_timer(1499);
    EXPECT_EQ(apic.highest_requested(), -1);
    apic.run_timer(1500);
    EXPECT_EQ(apic.highest_requested(), 0xEC);
    EXPECT_EQ(apic.deadline(), LocalApic::never);
    EXPECT_EQ(apic.read(reg::current_count, 1600), 0u);
}

TEST_F(LocalApicTest, DividersAsInTheManual) {
    constexpr std::array<std::pair<u32, u64>, 8> codes{
        {{0, 2}, {1, 4}, {2, 8}, {3, 16}, {8, 32}, {9, 64}, {10, 128}, {11, 1}}};
    for (auto [code, divisor] : codes) {
        apic.write(reg::divide, code, 0);
        apic.write(reg::initial_count, 100, 0);
        EXPECT_EQ(apic.deadline(), 100 * divisor) << "code " << code;
    }
}

TEST_F(LocalApicTest, PeriodicTimerKeepsItsPhase) {
    apic.write(reg::divide, 0xB, 0);
    apic.write(reg::lvt_timer, 1 << 17 | 0xEC, 0);
    apic.write(reg::initial_count, 100, 0);
    apic.run_timer(101);
    EXPECT_EQ(apic.deadline(), 200u);
    apic.run_timer(750); // five missed periods are one interrupt
    EXPECT_EQ(apic.deadline(), 800u);
    apic.write(reg::initial_count, 0, 760);
    EXPECT_EQ(apic.deadline(), LocalApic::never);
}

TEST_F(LocalApicTest, DeadlineMode) {
    apic.write_tsc_deadline(100);
    EXPECT_EQ(apic.tsc_deadline(), 0u) << "not in deadline mode";
    apic.write(reg::lvt_timer, 2 << 17 | 0xEC, 0);
    apic.write_tsc_deadline(100);
    EXPECT_EQ(apic.tsc_deadline(), 100u);
    apic.write(reg::initial_count, 5, 0);
    EXPECT_EQ(apic.deadline(), 100u) << "the count is ignored in deadline mode";
    apic.run_timer(100);
    EXPECT_EQ(apic.highest_requested(), 0xEC);
    EXPECT_EQ(apic.tsc_deadline(), 0u);
    apic.write_tsc_deadline(200);
    apic.write(reg::lvt_timer, 0xEC, 0);
    EXPECT_EQ(apic.deadline(), LocalApic::never) << "leaving the mode disarms";
}

TEST_F(LocalApicTest, Destinations) {
    EXPECT_TRUE(apic.matches(3, false, false));
    EXPECT_FALSE(apic.matches(2, false, false));
    EXPECT_TRUE(apic.matches(0xFF, false, false));
    EXPECT_TRUE(apic.matches(~u32{0}, false, true));
    EXPECT_FALSE(apic.matches(0xFF, false, true)) << "an ordinary ID in x2APIC form";
    apic.write(reg::ldr, 0x24000000, 0);
    EXPECT_TRUE(apic.matches(0x04, true, false)) << "flat";
    EXPECT_FALSE(apic.matches(0x12, true, false));
    apic.write(reg::dfr, 0x0FFFFFFF, 0); // cluster
    EXPECT_TRUE(apic.matches(0x24, true, false));
    EXPECT_FALSE(apic.matches(0x14, true, false));
    EXPECT_FALSE(apic.matches(0x21, true, false));
    ASSERT_TRUE(apic.write_base(0xFEE00000));
    EXPECT_FALSE(apic.matches(3, false, false)) << "a disabled APIC hears nothing";
}

TEST_F(LocalApicTest, CommandsCarryTheDestinationOfTheirMode) {
    apic.write(reg::icr_high, 0x02000000, 0);
    auto effect = apic.write(reg::icr, 0x000C4500, 0);
    ASSERT_TRUE(effect);
    EXPECT_EQ(effect->kind, ApicEffect::Kind::ipi);
    EXPECT_EQ(effect->icr, 0x02000000'000C4500);
    to_x2apic();
    effect = apic.write(reg::icr, 0x12345678'000000F3, 0);
    EXPECT_EQ(effect->icr, 0x12345678'000000F3);
    EXPECT_EQ(apic.read(reg::icr, 0), 0x12345678'000000F3);
}

TEST_F(LocalApicTest, AnyWriteInAnyModeKeepsInvariants) {
    std::mt19937_64 random(11);
    u64 now = 0;
    for (int i = 0; i < 200'000; ++i) {
        now += random() % 1000;
        auto r = static_cast<u32>(random() % 0x44);
        switch (random() % 8) {
        case 0:
            apic.write_base((random() & 0xC00) | 0xFEE00000);
            break;
        case 1:
            apic.request(static_cast<u8>(random()), random() % 2 == 0);
            break;
        case 2:
            apic.run_timer(now);
            break;
        case 3:
            if (int vector = apic.deliverable(); vector >= 0)
                apic.accept(static_cast<u8>(vector));
            break;
        case 4:
            apic.write_tsc_deadline(random());
            break;
        case 5:
            (void)apic.read(r, now);
            break;
        default:
            apic.write(r, random() >> (random() % 64), now);
            break;
        }
        int deliverable = apic.deliverable();
        ASSERT_TRUE(deliverable == -1 ||
                    (deliverable >= 16 && deliverable > apic.highest_in_service()));
        ASSERT_EQ(apic.id(), 3u);
    }
}

} // namespace
} // namespace cloison::core
