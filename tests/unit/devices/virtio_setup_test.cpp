// SPDX-License-Identifier: Apache-2.0
// virtio-pci as a driver meets it: structures, status, features, queues, device configuration.
#include "tests/unit/devices/virtio_driver.hpp"

#include <gtest/gtest.h>

namespace cloison::core {
namespace {

constexpr u64 version_1 = u64{1} << VIRTIO_F_VERSION_1;
constexpr u64 indirect = u64{1} << VIRTIO_RING_F_INDIRECT_DESC;
constexpr u64 flush = u64{1} << 9; // VIRTIO_BLK_F_FLUSH
constexpr u32 ok = VIRTIO_CONFIG_S_FEATURES_OK, driver_ok = VIRTIO_CONFIG_S_DRIVER_OK,
              needs_reset = VIRTIO_CONFIG_S_NEEDS_RESET;

const FunctionPlan plan{.device_id = VIRTIO_ID_BLOCK,
                        .features = flush | indirect,
                        .queue_sizes = {256, 64},
                        .device_config = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66}};

struct VirtioSetup : testing::Test {
    ServedBoard served{{plan}};
    VirtioDriver driver{served.board};
};

TEST_F(VirtioSetup, StructuresAreApartAndInTheBar) {
    std::vector<VirtioDriver::Structure> all{driver.common, driver.isr, driver.notify,
                                             driver.config};
    all.push_back({driver.entry(0), driver.vectors() * PCI_MSIX_ENTRY_SIZE, 0});
    Extent bar{driver.pci.bar(), VirtioFunction::bar_size};
    for (usize i = 0; i < all.size(); ++i) {
        Extent here{all[i].address, all[i].length};
        EXPECT_FALSE(here.empty());
        EXPECT_TRUE(bar.contains(here));
        EXPECT_EQ(here.base % 4, 0u);
        for (usize j = 0; j < i; ++j)
            EXPECT_FALSE(here.overlaps({all[j].address, all[j].length}));
    }
    EXPECT_EQ(driver.common.length, sizeof(virtio_pci_common_cfg));
    EXPECT_EQ(driver.notify.length, 2 * 4u);
    EXPECT_EQ(driver.config.length, 6u);
    EXPECT_EQ(driver.vectors(), 3u);
    EXPECT_NE(driver.find(VIRTIO_PCI_CAP_PCI_CFG).capability, 0u);
}

TEST_F(VirtioSetup, ListOfCapabilitiesEnds) {
    u32 at = driver.pci.get(PCI_CAPABILITY_LIST, 1), count = 0;
    for (; at != 0 && count < 16; ++count) {
        EXPECT_GE(at, u32{PCI_STD_HEADER_SIZEOF});
        EXPECT_EQ(at % 4, 0u);
        at = driver.pci.get(at + PCI_CAP_LIST_NEXT, 1);
    }
    EXPECT_EQ(count, 6u);
}

TEST(VirtioWithoutConfiguration, HasNoStructureForIt) {
    const FunctionPlan bare{.device_id = VIRTIO_ID_RNG, .queue_sizes = {8}};
    ServedBoard served({bare});
    VirtioDriver driver(served.board);
    EXPECT_EQ(driver.config.capability, 0u);
    EXPECT_TRUE(driver.start());
}

TEST_F(VirtioSetup, StatusBitsAreAddedUntilReset) {
    EXPECT_EQ(driver.status(), 0u);
    driver.add_status(VIRTIO_CONFIG_S_ACKNOWLEDGE);
    driver.set(VIRTIO_PCI_COMMON_STATUS, 1, VIRTIO_CONFIG_S_DRIVER); // would clear a bit
    EXPECT_EQ(driver.status(), u32{VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER});
    driver.add_status(needs_reset | 0x30); // not the driver's
    EXPECT_EQ(driver.status(), u32{VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER});
    driver.add_status(VIRTIO_CONFIG_S_FAILED);
    EXPECT_EQ(served.page(0).status.load(), driver.status());
    driver.begin_reset();
    EXPECT_EQ(driver.status(), 0u) << "the server has not seen it: nothing to wait for";
    EXPECT_EQ(served.page(0).epoch.load(), 1u);
    EXPECT_FALSE(served.called());
}

TEST_F(VirtioSetup, FeaturesAreNegotiated) {
    EXPECT_EQ(driver.offered(), flush | indirect | version_1);
    EXPECT_EQ(served.page(0).offered, driver.offered());
    driver.set(VIRTIO_PCI_COMMON_DFSELECT, 4, 2);
    EXPECT_EQ(driver.get(VIRTIO_PCI_COMMON_DF, 4), 0u);
    EXPECT_TRUE(driver.negotiate(flush | version_1));
    EXPECT_EQ(served.page(0).features.load(), flush | version_1);
    driver.accept(version_1); // too late
    EXPECT_EQ(served.page(0).features.load(), flush | version_1);
    driver.set(VIRTIO_PCI_COMMON_GFSELECT, 4, 1);
    EXPECT_EQ(driver.get(VIRTIO_PCI_COMMON_GF, 4), 1u);
    driver.set(VIRTIO_PCI_COMMON_GFSELECT, 4, 7);
    driver.set(VIRTIO_PCI_COMMON_GF, 4, ~0u);
    EXPECT_EQ(driver.get(VIRTIO_PCI_COMMON_GF, 4), 0u);
}

TEST_F(VirtioSetup, FeaturesNotOfferedAndLegacyDriversAreRefused) {
    EXPECT_FALSE(driver.negotiate(version_1 | 2)); // not offered
    EXPECT_FALSE(driver.negotiate(flush));         // without VERSION_1: a legacy driver
    driver.finish();
    EXPECT_EQ(driver.status() & (ok | driver_ok), 0u) << "nor does it start";
    EXPECT_TRUE(driver.negotiate(version_1));
    driver.finish();
    EXPECT_EQ(driver.status() & (ok | driver_ok), ok | driver_ok);
    EXPECT_EQ(served.called(), abi::no_queue);
}

TEST_F(VirtioSetup, QueueSizes) {
    EXPECT_EQ(driver.get(VIRTIO_PCI_COMMON_NUMQ, 2), 2u);
    EXPECT_EQ(driver.queue_size(), 256u);
    for (u32 bad : {0u, 3u, 96u, 512u, 0x8000u, 0xFFFFu}) {
        driver.set(VIRTIO_PCI_COMMON_Q_SIZE, 2, bad);
        EXPECT_EQ(driver.queue_size(), 256u);
    }
    driver.set(VIRTIO_PCI_COMMON_Q_SIZE, 2, 32);
    EXPECT_EQ(driver.queue_size(), 32u);
    driver.set(VIRTIO_PCI_COMMON_Q_SIZE, 2, 128); // still below the most
    EXPECT_EQ(driver.queue_size(), 128u);
    driver.select(1);
    EXPECT_EQ(driver.queue_size(), 64u);
    driver.begin_reset();
    EXPECT_EQ(driver.queue_size(), 256u);
}

TEST_F(VirtioSetup, AQueueThatIsNotThereIsZero) {
    for (u32 queue : {2u, 16u, 0xFFFFu}) {
        driver.select(queue);
        EXPECT_EQ(driver.queue_size(), 0u);
        EXPECT_EQ(driver.get(VIRTIO_PCI_COMMON_Q_MSIX, 2), u32{VIRTIO_MSI_NO_VECTOR});
        EXPECT_FALSE(driver.queue_vector(0));
        EXPECT_FALSE(driver.enable());
        EXPECT_EQ(driver.get(VIRTIO_PCI_COMMON_Q_DESCLO, 4), 0u);
    }
}

TEST_F(VirtioSetup, QueuesAreEnabledBehindFeaturesOnlyAndStayAsTheyAre) {
    EXPECT_FALSE(driver.enable());
    ASSERT_TRUE(driver.negotiate(version_1));
    driver.set(VIRTIO_PCI_COMMON_Q_ENABLE, 2, 2); // only 1 enables
    EXPECT_FALSE(driver.enabled());
    EXPECT_TRUE(driver.enable(0x20'0000));
    driver.place(0x30'0000, 0x30'1000, 0x30'2000);
    driver.set(VIRTIO_PCI_COMMON_Q_SIZE, 2, 8);
    driver.set(VIRTIO_PCI_COMMON_Q_ENABLE, 2, 0);
    const abi::QueueRecord& queue = served.page(0).queue[0];
    EXPECT_EQ(queue.descriptors.load(), 0x20'0000u);
    EXPECT_EQ(queue.driver.load(), 0x20'1000u);
    EXPECT_EQ(queue.device.load(), 0x20'2000u);
    EXPECT_EQ(queue.size.load(), 256u);
    EXPECT_EQ(queue.enabled.load(), 1u);
    EXPECT_EQ(served.page(0).queue[1].enabled.load(), 0u);
    EXPECT_EQ(driver.get(VIRTIO_PCI_COMMON_Q_USEDLO, 4), 0x20'2000u);
}

/// Tries rings of 256 descriptors: 4096, 518 and 2054 bytes.
bool takes(u64 descriptors, u64 available, u64 used) {
    ServedBoard served({plan});
    VirtioDriver driver(served.board);
    EXPECT_TRUE(driver.negotiate(version_1));
    driver.place(descriptors, available, used);
    driver.set(VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
    EXPECT_EQ((driver.status() & needs_reset) == 0, driver.enabled());
    return driver.enabled();
}

TEST(VirtioRings, AreAlignedAndInThePartitionsMemory) {
    constexpr u64 good = 0x10'0000;
    EXPECT_TRUE(takes(good, good, good));
    EXPECT_FALSE(takes(good + 8, good, good));
    EXPECT_FALSE(takes(good, good + 1, good));
    EXPECT_FALSE(takes(good, good, good + 2));
    EXPECT_TRUE(takes(good + 16, good + 2, good + 4));
    u64 hole = guest_map::vga_hole; // the first piece ends there
    EXPECT_TRUE(takes(hole - 4096, hole - 518, hole - 2056));
    EXPECT_FALSE(takes(hole - 4080, good, good));
    EXPECT_FALSE(takes(good, hole - 516, good));
    EXPECT_FALSE(takes(good, good, hole - 2052));
    EXPECT_FALSE(takes(hole, good, good));
    EXPECT_TRUE(takes(5 * gib - 4096, 4 * gib, 4 * gib));
    EXPECT_FALSE(takes(5 * gib, good, good));
    EXPECT_FALSE(takes(4 * gib - 4096, good, good));
    for (u64 wrapping : {~u64{0} - 15, ~u64{0} - 4095, u64{1} << 63})
        EXPECT_FALSE(takes(wrapping, good, good));
    EXPECT_FALSE(takes(guest_map::ioapic, good, good));
    EXPECT_FALSE(takes(guest_map::local_apic, good, good));
}

TEST_F(VirtioSetup, ABadRingUnderARunningDriverIsAnnounced) {
    ASSERT_TRUE(driver.negotiate(version_1));
    driver.enable_msix(0x60);
    ASSERT_TRUE(driver.config_vector(2));
    driver.finish();
    served.called();
    EXPECT_FALSE(driver.enable(0xE000'0000));
    EXPECT_EQ(driver.status() & needs_reset, needs_reset);
    EXPECT_EQ(served.vectors(), std::vector<u8>{0x62});
}

TEST_F(VirtioSetup, AQueueEnabledLateIsToldToTheServer) {
    ASSERT_TRUE(driver.negotiate(version_1));
    driver.finish();
    EXPECT_EQ(served.called(), abi::no_queue);
    EXPECT_TRUE(driver.enable());
    EXPECT_EQ(served.called(), abi::no_queue);
}

TEST_F(VirtioSetup, VectorsThatAreNotThereAreNotTaken) {
    EXPECT_TRUE(driver.config_vector(2));
    EXPECT_FALSE(driver.config_vector(3));
    EXPECT_EQ(driver.get(VIRTIO_PCI_COMMON_MSIX, 2), u32{VIRTIO_MSI_NO_VECTOR});
    EXPECT_TRUE(driver.queue_vector(1));
    EXPECT_FALSE(driver.queue_vector(0x100));
    EXPECT_TRUE(driver.queue_vector(VIRTIO_MSI_NO_VECTOR));
}

TEST_F(VirtioSetup, ConfigurationIsReadAsBytesAndNeverWritten) {
    u64 at = driver.config.address;
    EXPECT_EQ(driver.read(at, 4), 0x4433'2211u);
    EXPECT_EQ(driver.read(at + 4, 2), 0x6655u);
    EXPECT_EQ(driver.read(at + 3, 1), 0x44u);
    EXPECT_EQ(driver.read(at + 4, 4), 0xFFFF'6655u); // nothing behind the end
    EXPECT_EQ(driver.read(at, 8), 0xFFFF'6655'4433'2211u);
    EXPECT_EQ(driver.read(at + 8, 4), ~0u);
    driver.write(at, 4, 0);
    EXPECT_EQ(driver.read(at, 4), 0x4433'2211u);
}

TEST_F(VirtioSetup, FieldsAreWrittenWholeAndReadInAnyPart) {
    driver.set(VIRTIO_PCI_COMMON_Q_SELECT, 1, 1); // half a field
    EXPECT_EQ(driver.queue_size(), 256u);
    driver.set(VIRTIO_PCI_COMMON_STATUS, 4, 0x0001'0001); // status and its neighbours
    EXPECT_EQ(driver.status(), 0u);
    EXPECT_EQ(driver.queue_size(), 256u);
    driver.set(VIRTIO_PCI_COMMON_Q_SELECT, 2, 1);
    EXPECT_EQ(driver.get(VIRTIO_PCI_COMMON_Q_SIZE, 1), 64u);
    EXPECT_EQ(driver.get(VIRTIO_PCI_COMMON_MSIX, 4), 2u << 16 | VIRTIO_MSI_NO_VECTOR);
    driver.write(driver.common.address + VIRTIO_PCI_COMMON_Q_DESCLO, 8, 0x1'2345'6780); // a qword
    EXPECT_EQ(served.page(0).queue[1].descriptors.load(), 0x1'2345'6780u);
    EXPECT_EQ(driver.read(driver.common.address + VIRTIO_PCI_COMMON_Q_DESCLO, 8), 0x1'2345'6780u);
    EXPECT_EQ(driver.get(sizeof(virtio_pci_common_cfg), 4), ~0u);
    EXPECT_EQ(driver.read(driver.common.address + 2, 4), ~0u); // across fields
}

TEST_F(VirtioSetup, AccessThroughConfigurationSpace) { // virtio 1.2, 4.1.4.9, as firmware uses it
    driver.pci.set(PCI_COMMAND, 2, 0);
    for (bool ecam : {false, true}) {
        PciAccess pci(served.board, 1, ecam);
        u32 cap = driver.find(VIRTIO_PCI_CAP_PCI_CFG).capability;
        u32 data = cap + sizeof(virtio_pci_cap);
        auto aim = [&](u32 bar, u32 offset, u32 length) {
            pci.set(cap + VIRTIO_PCI_CAP_BAR, 1, bar);
            pci.set(cap + VIRTIO_PCI_CAP_OFFSET, 4, offset);
            pci.set(cap + VIRTIO_PCI_CAP_LENGTH, 4, length);
        };
        auto common = static_cast<u32>(driver.common.address - driver.pci.bar());
        aim(0, common + VIRTIO_PCI_COMMON_Q_SELECT, 2);
        pci.set(data, 2, 1);
        EXPECT_EQ(pci.get(data, 2), 1u);
        aim(0, common + VIRTIO_PCI_COMMON_Q_SIZE, 2);
        EXPECT_EQ(pci.get(data, 2), 64u);
        aim(0, common + VIRTIO_PCI_COMMON_STATUS, 1);
        pci.set(data, 1, VIRTIO_CONFIG_S_ACKNOWLEDGE);
        EXPECT_EQ(served.page(0).status.load(), u32{VIRTIO_CONFIG_S_ACKNOWLEDGE});
        pci.set(data, 4, 0); // the first byte counts
        EXPECT_EQ(served.page(0).status.load(), 0u);
        pci.set(data, 4, 0xFFFF'FF01);
        for (auto [bar, offset, length] :
             std::vector<std::array<u32, 3>>{{1, common + 20, 1},
                                             {0, common + 20, 0},
                                             {0, common + 20, 3},
                                             {0, common + 22, 4},
                                             {0, VirtioFunction::bar_size, 1},
                                             {0, 0xFFFF'FFFC, 4},
                                             {0, common + 20, 0x8000'0001}}) {
            aim(bar, offset, length);
            pci.set(data, 4, 0);
            (void)pci.get(data, 4);
            EXPECT_EQ(served.page(0).status.load(), 1u);
        }
        aim(0, common + VIRTIO_PCI_COMMON_STATUS, 1);
        pci.set(data, 1, 0);
    }
}

} // namespace
} // namespace cloison::core
