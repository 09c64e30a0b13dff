// SPDX-License-Identifier: Apache-2.0
// The PCI bus: what a guest finds on it, and where the functions' BARs answer.
#include "tests/unit/devices/served_board.hpp"

#include <gtest/gtest.h>

namespace cloison::core {
namespace {

constexpr u64 window = guest_map::pci_window.base;
constexpr u32 id_register = PCI_VENDOR_ID;

const std::vector<FunctionPlan> three{{.device_id = VIRTIO_ID_BLOCK, .device_config = {1, 2, 3}},
                                      {.device_id = VIRTIO_ID_NET, .queue_sizes = {64, 64, 16}},
                                      {.device_id = VIRTIO_ID_RNG, .queue_sizes = {8}}};

struct PciTest : testing::Test {
    u32 memory(u64 address, u32 size = 4) {
        return static_cast<u32>(served.board.mmio_read(address, size));
    }
    /// Whether the BAR of the block function answers at `base`: it has one queue.
    bool answers(u64 base) { return memory(base + VIRTIO_PCI_COMMON_NUMQ, 2) == 1; }

    ServedBoard served{three};
    PciAccess block{served.board, 1}, net{served.board, 2}, rng{served.board, 3};
};

TEST(EmptyBus, IsAsIfThereWereNoWindow) {
    ServedBoard served({});
    for (u32 device = 0; device < 32; ++device)
        for (bool ecam : {false, true})
            EXPECT_EQ(PciAccess(served.board, device, ecam).get(id_register), ~0u);
    EXPECT_FALSE(served.board.claims(window));
    EXPECT_EQ(served.board.mmio_read(window, 8), ~u64{0});
    served.board.ring({0, 0});
    EXPECT_FALSE(served.board.take_message());
    EXPECT_FALSE(served.board.take_call());
}

TEST_F(PciTest, BridgeAndFunctionsBothWays) {
    for (bool ecam : {false, true}) {
        std::vector<u32> found;
        for (u32 device = 0; device < 32; ++device)
            for (u32 function = 0; function < 8; ++function)
                if (u32 id = PciAccess(served.board, device, ecam).get(id_register, 4, function);
                    id != ~0u)
                    found.push_back(id);
        EXPECT_EQ(found, (std::vector<u32>{0x0008'1B36, 0x1042'1AF4, 0x1041'1AF4, 0x1044'1AF4}));
    }
    for (u32 device = 0; device < 4; ++device)
        for (u32 offset = 0; offset < 256; offset += 4)
            EXPECT_EQ(PciAccess(served.board, device, true).get(offset),
                      PciAccess(served.board, device, false).get(offset));
}

TEST_F(PciTest, LinuxBelievesInMechanismOne) { // pci_sanity_check
    PciAccess bridge(served.board, 0, false);
    EXPECT_EQ(bridge.get(PCI_CLASS_DEVICE, 2), 0x0600u);
    EXPECT_EQ(bridge.get(PCI_HEADER_TYPE, 1), u32{PCI_HEADER_TYPE_NORMAL});
    EXPECT_EQ(bridge.get(PCI_CAPABILITY_LIST), 0u);
    EXPECT_EQ(bridge.get(PCI_COMMAND), 0u);
    bridge.set(PCI_COMMAND, 2, 7);
    bridge.set(PCI_BASE_ADDRESS_0, 4, ~0u);
    EXPECT_EQ(bridge.get(PCI_COMMAND), 0u);
    EXPECT_EQ(bridge.get(PCI_BASE_ADDRESS_0), 0u);
}

TEST_F(PciTest, MechanismOneNeedsItsEnableBitAndBusZero) {
    for (u32 address : {0x0000'0800u, 0x8001'0800u, 0x80FF'0800u}) {
        served.board.port_write(guest_map::pci_address, 4, address, 0);
        EXPECT_EQ(served.board.port_read(guest_map::pci_data, 4, 0), ~0u);
        served.board.port_write(guest_map::pci_data, 4, 7, 0);
    }
    served.board.port_write(guest_map::pci_address, 4, 0x8000'0800, 0);
    EXPECT_EQ(served.board.port_read(guest_map::pci_data, 4, 0), 0x1042'1AF4u);
}

TEST_F(PciTest, HeaderOfAFunction) {
    EXPECT_EQ(block.get(PCI_STATUS, 2), u32{PCI_STATUS_CAP_LIST});
    EXPECT_EQ(block.get(PCI_HEADER_TYPE, 1), u32{PCI_HEADER_TYPE_NORMAL});
    EXPECT_EQ(block.get(PCI_CLASS_DEVICE, 2), 0x0180u);
    EXPECT_EQ(net.get(PCI_CLASS_DEVICE, 2), 0x0200u);
    EXPECT_GE(block.get(PCI_REVISION_ID, 1), 1u);     // virtio 1.2, 4.1.2.1
    EXPECT_GE(block.get(PCI_SUBSYSTEM_ID, 2), 0x40u); // the same
    EXPECT_EQ(block.get(PCI_INTERRUPT_PIN, 1), 0u);   // no INTx
    for (u32 bar = PCI_BASE_ADDRESS_1; bar <= PCI_BASE_ADDRESS_5; bar += 4) {
        block.set(bar, 4, ~0u);
        EXPECT_EQ(block.get(bar), 0u);
    }
    block.set(PCI_ROM_ADDRESS, 4, ~0u);
    EXPECT_EQ(block.get(PCI_ROM_ADDRESS), 0u);
    block.set(id_register, 4, 0);
    EXPECT_EQ(block.get(id_register), 0x1042'1AF4u);
}

TEST_F(PciTest, CommandKeepsWhatThereIs) {
    block.set(PCI_COMMAND, 2, 0xFFFF);
    EXPECT_EQ(block.get(PCI_COMMAND, 2),
              u32{PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE});
    block.set(PCI_COMMAND + 1, 1, 0); // a byte at a time
    EXPECT_EQ(block.get(PCI_COMMAND, 2), u32{PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER});
    block.set(PCI_STATUS, 2, 0xFFFF);
    EXPECT_EQ(block.get(PCI_STATUS, 2), u32{PCI_STATUS_CAP_LIST});
    EXPECT_EQ(net.get(PCI_COMMAND, 2), 0u);
}

TEST_F(PciTest, AccessesOfAllWidths) {
    for (bool ecam : {false, true}) {
        PciAccess pci(served.board, 1, ecam);
        EXPECT_EQ(pci.get(0, 2), 0x1AF4u);
        EXPECT_EQ(pci.get(2, 2), 0x1042u);
        EXPECT_EQ(pci.get(3, 1), 0x10u);
        EXPECT_EQ(pci.get(1, 2), 0x421Au);
    }
    EXPECT_EQ(memory(guest_map::ecam.base + (1 << 15) + 2, 4), ~0u); // across a dword
    EXPECT_EQ(served.board.mmio_read(guest_map::ecam.base + (1 << 15), 8),
              u64{PCI_STATUS_CAP_LIST} << 48 | 0x1042'1AF4);
    for (u32 offset : {0x100u, 0xFFCu}) { // no extended configuration space
        EXPECT_EQ(block.get(offset), ~0u);
        block.set(offset, 4, 0);
    }
    EXPECT_EQ(served.board.port_read(guest_map::pci_data + 2, 4, 0), 0xFFFF'1042u)
        << "two bytes of the dword, two of nothing";
}

TEST_F(PciTest, BarsAreSizedAndMoved) {
    constexpr u64 elsewhere = window + 0x123'8000;
    u64 first = block.bar();
    EXPECT_EQ(first, window);
    EXPECT_FALSE(answers(first)); // decoding is off
    block.set(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
    EXPECT_TRUE(answers(first));
    block.set(PCI_BASE_ADDRESS_0, 4, ~0u); // as Linux sizes it, with decoding on
    EXPECT_EQ(block.get(PCI_BASE_ADDRESS_0), ~(VirtioFunction::bar_size - 1));
    EXPECT_FALSE(answers(first));
    block.set(PCI_BASE_ADDRESS_0, 4, elsewhere);
    EXPECT_EQ(block.bar(), elsewhere);
    EXPECT_TRUE(answers(elsewhere));
    EXPECT_FALSE(answers(elsewhere - VirtioFunction::bar_size));
    EXPECT_FALSE(answers(elsewhere + VirtioFunction::bar_size));
    block.set(PCI_COMMAND, 2, 0);
    EXPECT_FALSE(answers(elsewhere));
}

TEST_F(PciTest, BarsAnswerInTheWindowOnly) {
    block.set(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
    auto put = [&](u64 base) {
        block.set(PCI_BASE_ADDRESS_0, 4, static_cast<u32>(base));
        EXPECT_EQ(block.bar(), base) << "it reads back all the same";
        return answers(base);
    };
    EXPECT_FALSE(put(0));
    EXPECT_FALSE(put(window - VirtioFunction::bar_size));
    EXPECT_TRUE(put(window));
    EXPECT_TRUE(put(guest_map::pci_window.end() - VirtioFunction::bar_size));
    EXPECT_FALSE(put(guest_map::pci_window.end()));
    EXPECT_FALSE(put(guest_map::ecam.base + (5 << 15)));
    EXPECT_FALSE(put(0xFFFF'8000));
    put(guest_map::ioapic);
    served.board.mmio_write(guest_map::ioapic, 4, 1);
    EXPECT_EQ(memory(guest_map::ioapic + 0x10), 0x0017'0011u);
    put(guest_map::ecam.base + (1 << 15));
    EXPECT_EQ(block.get(id_register), 0x1042'1AF4u);
}

TEST_F(PciTest, OfBarsAtOnePlaceTheFirstAnswers) {
    for (PciAccess* pci : {&block, &net, &rng}) {
        pci->set(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
        pci->set(PCI_BASE_ADDRESS_0, 4, window + 0x10'0000);
    }
    EXPECT_EQ(memory(window + 0x10'0000 + VIRTIO_PCI_COMMON_NUMQ, 2), 1u);
    block.set(PCI_COMMAND, 2, 0);
    EXPECT_EQ(memory(window + 0x10'0000 + VIRTIO_PCI_COMMON_NUMQ, 2), 3u);
}

TEST_F(PciTest, TheWindowReadsAsAllOnesAndIsTheBuss) {
    EXPECT_TRUE(served.board.claims(window));
    EXPECT_TRUE(served.board.claims(guest_map::pci_window.end() - 1));
    EXPECT_FALSE(served.board.claims(window - 1));
    block.set(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
    u64 last = window + VirtioFunction::bar_size - 1;
    for (u32 size : {2u, 4u, 8u}) { // partly in the BAR
        EXPECT_EQ(served.board.mmio_read(last, size), size == 8 ? ~u64{0} : (1ull << 8 * size) - 1);
        served.board.mmio_write(last, size, 0);
    }
    EXPECT_EQ(memory(guest_map::pci_window.end() - 4), ~0u);
}

TEST_F(PciTest, FunctionsHavePlacesFromTheStart) {
    EXPECT_EQ(net.bar(), window + VirtioFunction::bar_size);
    EXPECT_EQ(rng.bar(), window + 2 * VirtioFunction::bar_size);
}

TEST(FullBus, ThirtyOneFunctions) {
    ServedBoard served{std::vector<FunctionPlan>(abi::max_virtio_functions)};
    for (u32 device = 1; device < 32; ++device) {
        PciAccess pci(served.board, device);
        EXPECT_EQ(pci.get(id_register), 0x1042'1AF4u);
        pci.set(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
        EXPECT_EQ(served.board.mmio_read(pci.bar() + VIRTIO_PCI_COMMON_NUMQ, 2), 1u);
    }
}

TEST(VirtioFunctionConfig, WhatIsSound) {
    auto sound = [](auto change) {
        FunctionPlan plan{.device_config = {1}};
        change(plan);
        return abi::is_sound(plan.config());
    };
    EXPECT_TRUE(sound([](FunctionPlan&) {}));
    EXPECT_FALSE(sound([](FunctionPlan& p) { p.device_id = 0; }));
    EXPECT_TRUE(sound([](FunctionPlan& p) { p.device_id = 63; }));
    EXPECT_FALSE(sound([](FunctionPlan& p) { p.device_id = 64; }));
    EXPECT_FALSE(sound([](FunctionPlan& p) { p.queue_sizes = {}; }));
    EXPECT_FALSE(sound([](FunctionPlan& p) { p.queue_sizes = {0}; }));
    EXPECT_FALSE(sound([](FunctionPlan& p) { p.queue_sizes = {48}; }));
    EXPECT_FALSE(sound([](FunctionPlan& p) { p.queue_sizes = {512}; }));
    EXPECT_TRUE(sound([](FunctionPlan& p) { p.queue_sizes.assign(16, 1); }));
    EXPECT_FALSE(sound([](FunctionPlan& p) { p.queue_sizes.assign(17, 1); }));
    EXPECT_TRUE(sound([](FunctionPlan& p) { p.device_config.resize(256); }));
    EXPECT_FALSE(sound([](FunctionPlan& p) { p.device_config.resize(257); }));
    EXPECT_TRUE(sound([](FunctionPlan& p) { p.features = 0xFFFC'0019'30FF'FFFF; }));
    for (u32 bit : {24u, 27u, 30u, 33u, 34u, 37u, 38u, 39u, 40u, 41u, 49u})
        EXPECT_FALSE(sound([bit](FunctionPlan& p) { p.features = u64{1} << bit; })) << bit;
}

TEST(AdapterRecord, Places) {
    const std::vector<u16> one{8}, two{8, 8};
    const std::vector<abi::VirtioFunctionConfig> functions{{.queue_sizes = one},
                                                           {.queue_sizes = two}};
    EXPECT_EQ(abi::io_adapter_pages(functions), 1u + 2u + 1u + (1u + 1u) + (1u + 2u));
    EXPECT_EQ(abi::io_adapter_read_only_pages(2), 3u);
}

} // namespace
} // namespace cloison::core
