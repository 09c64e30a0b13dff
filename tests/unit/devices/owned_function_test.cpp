// SPDX-License-Identifier: Apache-2.0
// A function of the machine in the hands of its owner: what it sees, what reaches the machine, and
// what does not.
#include "firmware/core/devices/server/owned_function.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <vector>

namespace cloison::core {
namespace {

/// One function of a machine, at address 0x0018: a 64-bit BAR, an I/O BAR, MSI and MSI-X.
struct HostFunction {
    static constexpr u32 address = 0x18;
    static constexpr u64 memory_bar = 0x12'F000'0000, memory_size = 64 * kib;
    static constexpr u32 port_bar = 0xC040, ports = 32;
    static constexpr u32 power = 0x40, msi = 0x50, msix = 0x70;

    HostFunction() {
        set(PCI_VENDOR_ID, 4, 0x10D3'8086);
        set(PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_IO | PCI_COMMAND_MASTER);
        set(PCI_STATUS, 2, PCI_STATUS_CAP_LIST);
        set(PCI_HEADER_TYPE, 1, 0x80);
        set(PCI_BASE_ADDRESS_0, 4, static_cast<u32>(memory_bar) | PCI_BASE_ADDRESS_MEM_TYPE_64);
        set(PCI_BASE_ADDRESS_1, 4, memory_bar >> 32);
        set(PCI_BASE_ADDRESS_2, 4, port_bar | PCI_BASE_ADDRESS_SPACE_IO);
        set(PCI_CAPABILITY_LIST, 1, power);
        set(PCI_INTERRUPT_LINE, 2, 0x010B);
        set(power, 2, PCI_CAP_ID_PM | msi << 8);
        set(msi, 2, PCI_CAP_ID_MSI | msix << 8);
        set(msix, 2, PCI_CAP_ID_MSIX);
        set(0x90, 4, 0xABCD);
    }
    void set(u32 offset, u32 size, u64 value) { std::memcpy(bytes + offset, &value, size); }
    [[nodiscard]] u32 get(u32 offset, u32 size = 4) const {
        u32 value = 0;
        std::memcpy(&value, bytes + offset, size);
        return value;
    }
    void write(u32 offset, u32 size, u32 value) {
        writes.push_back(offset);
        if (offset == PCI_STATUS) // bits are cleared by ones
            value = get(offset, size) & ~value;
        if (offset == PCI_BASE_ADDRESS_0)
            value = (value & ~static_cast<u32>(memory_size - 1)) | PCI_BASE_ADDRESS_MEM_TYPE_64;
        if (offset == PCI_BASE_ADDRESS_2)
            value = (value & 0xFFFF & ~(ports - 1)) | PCI_BASE_ADDRESS_SPACE_IO;
        if (offset > PCI_BASE_ADDRESS_2 && offset < PCI_CARDBUS_CIS)
            value = 0;
        set(offset, size, value);
    }

    u8 bytes[256]{};
    std::vector<u32> writes;
};

HostFunction* machine = nullptr; // what the functions of HostConfiguration reach

constexpr HostConfiguration host{
    [](u32 address, u32 offset) {
        return address == HostFunction::address ? machine->get(offset) : ~u32{0};
    },
    [](u32, u32 offset, u32 size, u32 value) { machine->write(offset, size, value); }};

/// The partition sees all below 2^40 at half the address.
bool everywhere(const void*, const Extent& extent, bool io, u64& guest) {
    guest = io ? extent.base : extent.base / 2;
    return extent.base < u64{1} << 40;
}
bool nowhere(const void*, const Extent&, bool, u64&) {
    return false;
}

struct OwnedFunctionTest : testing::Test {
    OwnedFunctionTest() {
        machine = &hardware;
        EXPECT_TRUE(function.initialise({nullptr, everywhere}));
        hardware.writes.clear();
    }
    u32 read(u32 offset) { return function.read_configuration(offset); }

    HostFunction hardware;
    OwnedFunction function{HostFunction::address, host, 21};
};

TEST_F(OwnedFunctionTest, BarsAreWhereThePartitionSeesThem) {
    constexpr u64 guest = HostFunction::memory_bar / 2;
    EXPECT_EQ(read(PCI_BASE_ADDRESS_0), static_cast<u32>(guest) | PCI_BASE_ADDRESS_MEM_TYPE_64);
    EXPECT_EQ(read(PCI_BASE_ADDRESS_1), guest >> 32);
    EXPECT_EQ(read(PCI_BASE_ADDRESS_2), HostFunction::port_bar | PCI_BASE_ADDRESS_SPACE_IO);
    EXPECT_EQ(read(PCI_BASE_ADDRESS_3), 0u);
}

TEST_F(OwnedFunctionTest, SizesCanBeFoundOutAndNothingMoves) {
    for (u32 bar : {u32{PCI_BASE_ADDRESS_0}, u32{PCI_BASE_ADDRESS_1}, u32{PCI_BASE_ADDRESS_2}})
        function.write_configuration(bar, ~0u, ~0u);
    EXPECT_EQ(read(PCI_BASE_ADDRESS_0) & ~0xFu, ~static_cast<u32>(HostFunction::memory_size - 1));
    EXPECT_EQ(read(PCI_BASE_ADDRESS_1), ~0u);
    EXPECT_EQ(read(PCI_BASE_ADDRESS_2) & ~3u, ~(HostFunction::ports - 1) & ~3u);
    EXPECT_TRUE(hardware.writes.empty());
    EXPECT_EQ(hardware.get(PCI_BASE_ADDRESS_2) & ~3u, HostFunction::port_bar);
}

TEST_F(OwnedFunctionTest, DmaIsOffUntilTheOwnerWantsIt) {
    EXPECT_EQ(hardware.get(PCI_COMMAND, 2), u32{PCI_COMMAND_MEMORY | PCI_COMMAND_IO});
    function.write_configuration(PCI_COMMAND, PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY | 0xF800,
                                 0xFFFF);
    EXPECT_EQ(hardware.get(PCI_COMMAND, 2), u32{PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY});
    function.quiesce();
    EXPECT_EQ(hardware.get(PCI_COMMAND, 2), u32{PCI_COMMAND_MEMORY});
}

TEST_F(OwnedFunctionTest, CommandAndStatusAreApart) {
    hardware.set(PCI_STATUS, 2, PCI_STATUS_CAP_LIST | PCI_STATUS_REC_MASTER_ABORT);
    function.write_configuration(PCI_COMMAND, PCI_COMMAND_MASTER, 0xFF); // one byte
    EXPECT_EQ(hardware.writes, std::vector<u32>{PCI_COMMAND});
    EXPECT_NE(hardware.get(PCI_STATUS, 2) & PCI_STATUS_REC_MASTER_ABORT, 0u);
    function.write_configuration(PCI_COMMAND, u32{PCI_STATUS_REC_MASTER_ABORT} << 16, 0xFFFF'0000);
    EXPECT_EQ(hardware.get(PCI_STATUS, 2) & PCI_STATUS_REC_MASTER_ABORT, 0u);
    EXPECT_NE(hardware.get(PCI_COMMAND, 2) & PCI_COMMAND_MASTER, 0u);
}

TEST_F(OwnedFunctionTest, MessagesAreOutOfReach) {
    EXPECT_EQ(read(PCI_COMMAND) >> 16 & PCI_STATUS_CAP_LIST, 0u);
    EXPECT_EQ(read(PCI_CAPABILITY_LIST), 0u);
    for (u32 offset = HostFunction::msi; offset < HostFunction::msi + 24; offset += 4) {
        EXPECT_EQ(read(offset), 0u);
        function.write_configuration(offset, ~0u, ~0u);
    }
    for (u32 offset = HostFunction::msix; offset < HostFunction::msix + 12; offset += 4)
        function.write_configuration(offset, ~0u, ~0u);
    EXPECT_TRUE(hardware.writes.empty());
}

TEST_F(OwnedFunctionTest, ItsOwnRegistersAreItsOwners) {
    EXPECT_EQ(read(0x90), 0xABCDu);
    function.write_configuration(0x90, 0x1234'0000, 0xFFFF'0000);
    EXPECT_EQ(hardware.writes, std::vector<u32>{0x92});
    EXPECT_EQ(read(0x90), 0x1234'ABCDu);
    function.write_configuration(0x90, 0x5600, 0xFF00);
    EXPECT_EQ(read(0x90), 0x1234'56CDu);
}

TEST_F(OwnedFunctionTest, TheHeaderIsOneOfASingleFunction) {
    EXPECT_EQ(read(PCI_VENDOR_ID), 0x10D3'8086u);
    EXPECT_EQ(read(PCI_CACHE_LINE_SIZE) >> 16 & 0xFF, u32{PCI_HEADER_TYPE_NORMAL});
    EXPECT_EQ(read(PCI_ROM_ADDRESS), 0u);
    EXPECT_EQ(read(PCI_INTERRUPT_LINE) & 0xFFFF, 0x0100u | 21u);
    function.write_configuration(PCI_VENDOR_ID, 0, ~0u);
    function.write_configuration(PCI_ROM_ADDRESS, ~0u, ~0u);
    EXPECT_TRUE(hardware.writes.empty());
}

TEST_F(OwnedFunctionTest, ACapabilityListThatLoopsEnds) {
    hardware.set(HostFunction::msix, 2, PCI_CAP_ID_MSIX | HostFunction::power << 8);
    OwnedFunction looping(HostFunction::address, host, OwnedFunction::no_pin);
    EXPECT_TRUE(looping.initialise({nullptr, everywhere}));
    EXPECT_EQ(looping.read_configuration(PCI_INTERRUPT_LINE) & 0xFF00, 0u);
}

TEST_F(OwnedFunctionTest, WhatAnswersElsewhereIsRefused) {
    OwnedFunction stray(HostFunction::address, host, OwnedFunction::no_pin);
    EXPECT_FALSE(stray.initialise({nullptr, nowhere}));
    OwnedFunction absent(HostFunction::address + 1, host, OwnedFunction::no_pin);
    EXPECT_FALSE(absent.initialise({nullptr, everywhere}));
    hardware.set(PCI_HEADER_TYPE, 1, PCI_HEADER_TYPE_BRIDGE);
    OwnedFunction bridge(HostFunction::address, host, OwnedFunction::no_pin);
    EXPECT_FALSE(bridge.initialise({nullptr, everywhere}));
}

} // namespace
} // namespace cloison::core
