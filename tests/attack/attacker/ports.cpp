// SPDX-License-Identifier: Apache-2.0
// I/O ports: what the virtual PC does not have reads as all-ones and swallows writes, in every size
// and by every instruction. Nothing that is written reaches a port of the machine.
#include "tests/attack/attacker/scenarios.hpp"

#include "firmware/x86/instructions.hpp"
#include "tests/guest/check.hpp"
#include "tests/guest/guest.hpp"
#include "tests/guest/second_cpu.hpp"

#include <string_view>

namespace cloison::attack {

using namespace guest;

namespace {

constexpr u32 port_count = 0x10000;

struct PortRange {
    u16 first, last;
};

/// The ports of the virtual PC.
constexpr PortRange present[] = {
    {0x20, 0x21},   // master 8259
    {0x40, 0x43},   // 8254
    {0x61, 0x61},   // system control port B
    {0x64, 0x64},   // keyboard controller: the pulse that resets, no more
    {0x70, 0x71},   // clock
    {0x80, 0x80},   // POST code
    {0x92, 0x92},   // system control port A
    {0xA0, 0xA1},   // slave 8259
    {0x3F8, 0x3FF}, // COM1
    {0x4D0, 0x4D1}, // edge/level control
    {0x600, 0x605}, // ACPI PM1 event and control
    {0x608, 0x60B}, // ACPI PM timer
    {0xCF8, 0xCFF}, // PCI configuration, and in it the reset port
};

constexpr bool is_present(u32 port) {
    for (const PortRange& range : present)
        if (port >= range.first && port <= range.last)
            return true;
    return false;
}

bool touches_present(u32 port, u32 size) {
    for (u32 i = 0; i < size; ++i)
        if (is_present(port + i))
            return true;
    return false;
}

u32 in(u16 port, u32 size) {
    u32 value = 0;
    if (size == 1)
        asm volatile("inb %%dx, %%al" : "+a"(value) : "d"(port));
    else if (size == 2)
        asm volatile("inw %%dx, %%ax" : "+a"(value) : "d"(port));
    else
        asm volatile("inl %%dx, %%eax" : "+a"(value) : "d"(port));
    return value;
}

void out(u16 port, u32 size, u32 value) {
    if (size == 1)
        asm volatile("outb %%al, %%dx" : : "a"(value), "d"(port));
    else if (size == 2)
        asm volatile("outw %%ax, %%dx" : : "a"(value), "d"(port));
    else
        asm volatile("outl %%eax, %%dx" : : "a"(value), "d"(port));
}

constexpr u32 ones(u32 size) {
    return static_cast<u32>((u64{1} << 8 * size) - 1);
}

/// Bytes of a wide access that no device has are all-ones even next to one that a device has.
u32 absent_bytes(u32 port, u32 size) {
    u32 mask = 0;
    for (u32 i = 0; i < size; ++i)
        if (!is_present(port + i))
            mask |= 0xFFu << (8 * i);
    return mask;
}

void check_reads(const char* name, u32 size) {
    Check check(name);
    for (u32 port = 0; port < port_count; ++port) {
        u32 wanted = absent_bytes(port, size);
        if (wanted == 0)
            continue;
        u32 got = in(static_cast<u16>(port), size);
        check.expect((got & wanted) == wanted && (got & ~ones(size)) == 0, "in", port, got);
    }
}

volatile u64 ports_written;

/// A pattern to every port that is not the virtual PC's.
void write_all(u32 size) {
    for (u32 port = 0; port < port_count; ++port) {
        if (touches_present(port, size))
            continue;
        out(static_cast<u16>(port), size, 0xA5A5A5A5 & ones(size));
        ports_written = ports_written + 1;
    }
}

/// Ports with which one ends or changes a PC, or the emulator under it.
void check_dangerous() {
    constexpr u16 emulator_shutdown = 0x8900, emulator_debug = 0xE9, system_management = 0xB2;
    Check check("ports-dangerous");
    for (char c : std::string_view("Shutdown")) {
        x86::out8(emulator_shutdown, static_cast<u8>(c));
        check.expect_equal(in(emulator_shutdown, 1), 0xFF, "emulator-shutdown");
    }
    x86::out8(emulator_debug, '!');
    check.expect_equal(in(emulator_debug, 1), 0xFF, "emulator-debug");
    for (u32 value = 0; value < 0x100; ++value) {
        x86::out8(system_management, static_cast<u8>(value));
        check.expect_equal(in(system_management, 1), 0xFF, "smi", value);
    }
    x86::out8(0xB004, 0x20); // where the machine's own ACPI power register could be
    x86::out8(0xB005, 0x34);
    check.expect_equal(in(0xB004, 2), 0xFFFF, "machine-power");
}

alignas(8) u8 buffer[64];

template <typename T>
void check_ins(Check& check, u16 port) {
    for (u8& byte : buffer)
        byte = 0x11;
    void* to = buffer;
    u64 count = sizeof buffer / sizeof(T) / 2;
    if constexpr (sizeof(T) == 1)
        asm volatile("rep insb" : "+D"(to), "+c"(count) : "d"(port) : "memory");
    else if constexpr (sizeof(T) == 2)
        asm volatile("rep insw" : "+D"(to), "+c"(count) : "d"(port) : "memory");
    else
        asm volatile("rep insl" : "+D"(to), "+c"(count) : "d"(port) : "memory");
    bool good = count == 0 && to == buffer + sizeof buffer / 2;
    for (usize i = 0; i < sizeof buffer; ++i)
        good = good && buffer[i] == (i < sizeof buffer / 2 ? 0xFF : 0x11);
    check.expect(good, "ins", port, sizeof(T));
}

constexpr u16 string_ports[] = {0x0,   0x68,  0xB2,  0xE9,  0x1F0,  0x1F7,  0x2F8,
                                0x3F0, 0x3F1, 0x402, 0x510, 0x8900, 0xB004, 0xFFF0};

void outs(u16 port, std::string_view text) {
    const char* from = text.data();
    u64 count = text.size();
    asm volatile("rep outsb" : "+S"(from), "+c"(count) : "d"(port) : "memory");
}

} // namespace

/// Reads on one CPU, writes on the other: each of them is an exit.
void attack_ports() {
    check_dangerous();
    Check check("ports-second-cpu");
    check.expect(second_cpu.start(), "start");
    second_cpu.begin([] {
        write_all(1);
        write_all(2);
        write_all(4);
    });
    check_reads("ports-read-byte", 1);
    check_reads("ports-read-word", 2);
    check_reads("ports-read-dword", 4);
    check.expect(second_cpu.idle(500'000'000), "writes-done");
    check.expect(ports_written > 3 * port_count - 300, "writes", 0, ports_written);
}

void attack_string_ports() {
    {
        Check check("ports-ins");
        for (u16 port : string_ports) {
            check_ins<u8>(check, port);
            check_ins<u16>(check, port);
            check_ins<u32>(check, port);
        }
    }
    Check check("ports-outs");
    outs(0x8900, "Shutdown");
    outs(0xE9, "attack");
    outs(0x2F8, "attack");
    check.expect(true, "alive");
}

} // namespace cloison::attack
