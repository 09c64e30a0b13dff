// SPDX-License-Identifier: Apache-2.0
// All-ones, and nothing written, whichever instruction it is that meets an address without memory;
// and what it means to have code, page tables or half an operand there.
#include "tests/attack/attacker/scenarios.hpp"

#include "firmware/abi/guest_map.hpp"
#include "tests/guest/check.hpp"
#include "tests/guest/guest.hpp"
#include "tests/guest/paging.hpp"
#include "tests/guest/probe.hpp"

#include <initializer_list>

namespace cloison::attack {

using namespace guest;

namespace {

/// Read-modify-write, with LOCK where that is allowed: what is read is all-ones, what is written is
/// lost.
void check_locked() {
    Check check("memory-locked");
    for (u64 address : {guest_map::vga_hole, ram_end(), guest_map::pci_window.base, 4 * gib}) {
        auto* at = reinterpret_cast<volatile u64*>(const_cast<u8*>(window(address)));
        u64 value = 1;
        asm volatile("lock xaddq %0, %1" : "+r"(value), "+m"(*at) : : "cc", "memory");
        check.expect_equal(value, ~u64{0}, "xadd", address);
        value = 2;
        asm volatile("xchgq %0, %1" : "+r"(value), "+m"(*at) : : "memory");
        check.expect_equal(value, ~u64{0}, "xchg", address);
        value = 0;
        asm volatile("lock cmpxchgq %2, %1"
                     : "+a"(value), "+m"(*at)
                     : "r"(u64{3})
                     : "cc", "memory");
        check.expect_equal(value, ~u64{0}, "cmpxchg-failing", address);
        value = ~u64{0};
        asm volatile("lock cmpxchgq %2, %1"
                     : "+a"(value), "+m"(*at)
                     : "r"(u64{3})
                     : "cc", "memory");
        check.expect_equal(value, ~u64{0}, "cmpxchg", address);
        bool carry = false;
        asm volatile("lock btrq $5, %1" : "=@ccc"(carry), "+m"(*at) : : "memory");
        check.expect(carry, "btr", address);
        asm volatile("lock btsq %2, %1" : "=@ccc"(carry), "+m"(*at) : "r"(u64{63}) : "memory");
        check.expect(carry, "bts", address);
        asm volatile("lock andq $0, %0; lock orl $1, %0; lock xorw $2, %0; lock addb $3, %0; lock "
                     "subq $4, %0;"
                     "lock incq %0; lock decl %0; lock notw %0; lock negb %0; lock adcq $5, %0; "
                     "lock sbbq $6, %0"
                     : "+m"(*at)
                     :
                     : "cc", "memory");
        check.expect_equal(*at, ~u64{0}, "afterwards", address);
    }
}

/// Instructions that no driver uses on a device: all-ones, or #GP, but nothing else.
void check_unusual() {
    Check check("memory-unusual-instructions");
    auto harmless = [](const Fault& fault) {
        return !fault.happened || fault.number == vector::protection;
    };
    for (u64 address : {guest_map::vga_hole, ram_end(), 4 * gib}) {
        auto* at = const_cast<u8*>(window(address));
        u64 low = 0, high = 0;
        check.expect(harmless(attempt([&] {
                         asm volatile(GUEST_TRY("cmpxchg16b %0")
                                      : "+m"(*at), "+a"(low), "+d"(high)
                                      : "b"(0), "c"(0)
                                      : "cc", "memory");
                     })),
                     "cmpxchg16b", address);
        check.expect(harmless(attempt([&] {
                         asm volatile(GUEST_TRY("shldq $4, %1, %0")
                                      : "+m"(*at)
                                      : "r"(u64{0})
                                      : "cc", "memory");
                     })),
                     "shld", address);
        check.expect(harmless(attempt([&] {
                         asm volatile(GUEST_TRY("rclq $4, %0") : "+m"(*at) : : "cc", "memory");
                     })),
                     "rcl", address);
        check.expect(harmless(attempt([&] {
                         asm volatile(GUEST_TRY("fnsave %0") : "=m"(*at) : : "memory");
                     })),
                     "fnsave", address);
        check.expect(harmless(attempt([&] {
                         asm volatile(GUEST_TRY("movups %%xmm0, %0") : "=m"(*at) : : "memory");
                     })),
                     "movups", address);
        check.expect(harmless(attempt([&] {
                         asm volatile(GUEST_TRY("sgdt %0") : "=m"(*at) : : "memory");
                     })),
                     "sgdt", address);
        check.expect(harmless(attempt([&] {
                         asm volatile(GUEST_TRY("clflush %0") : "+m"(*at) : : "memory");
                     })),
                     "clflush", address);
        check.expect_equal(try_load<u64>(at).value, ~u64{0}, "afterwards", address);
    }
}

alignas(64) u8 buffer[512];

void fill_buffer(u8 value) {
    for (u8& byte : buffer)
        byte = value;
}

bool buffer_is(u8 value) {
    for (u8 byte : buffer)
        if (byte != value)
            return false;
    return true;
}

void check_strings() {
    Check check("memory-strings");
    for (u64 address : {guest_map::vga_hole, ram_end(), 4 * gib}) {
        void* to = const_cast<u8*>(window(address));
        u64 count = 512;
        asm volatile("rep stosq" : "+D"(to), "+c"(count) : "a"(0) : "memory");
        check.expect_equal(count, 0, "stos-count", address);
        check.expect_equal(try_load<u64>(window(address)).value, ~u64{0}, "stos", address);

        fill_buffer(0);
        void* into = buffer;
        const void* from = const_cast<u8*>(window(address));
        count = sizeof buffer / 4;
        asm volatile("rep movsl" : "+D"(into), "+S"(from), "+c"(count) : : "memory");
        check.expect(count == 0 && buffer_is(0xFF), "movs-from-hole", address);

        fill_buffer(0x11);
        to = const_cast<u8*>(window(address)) + sizeof buffer - 1;
        from = buffer + sizeof buffer - 1;
        count = sizeof buffer;
        asm volatile("std; rep movsb; cld" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
        check.expect(count == 0 && buffer_is(0x11), "movs-to-hole", address);
        check.expect_equal(try_load<u64>(window(address)).value, ~u64{0}, "movs", address);
    }
}

/// An operand half in RAM and half in a hole: the half in RAM behaves as RAM does.
void check_crossing() {
    Check check("memory-crossing");
    u64 last = ram_end() - 4;
    *reinterpret_cast<volatile u32*>(const_cast<u8*>(window(last))) = 0x12345678;
    auto read = try_load<u64>(window(last));
    check.expect(!read.fault.happened && read.value == 0xFFFFFFFF12345678, "read", last,
                 read.value);
    Fault fault = try_store<u64>(window(last), 0x1111111122222222);
    read = try_load<u64>(window(last));
    check.expect(!fault.happened && read.value == 0xFFFFFFFF22222222, "write", last, read.value);
}

/// Running there, and having page tables there, is the attacker's own misfortune.
void check_code_and_tables() {
    Check check("memory-code-and-tables");
    for (u64 address : {guest_map::vga_hole, ram_end(), guest_map::pci_window.base, 4 * gib}) {
        Fault fault = attempt([&] { call_anywhere(reinterpret_cast<u64>(window(address))); });
        check.expect(fault.happened, "call", address, fault.number);
    }
    for (u64 address : {guest_map::vga_hole, ram_end(), guest_map::pci_window.base}) {
        // All-ones has reserved bits set: #PF with P and RSVD, W if it was a write.
        constexpr u64 present = 1, write = 2, reserved = 8;
        volatile u8* there = window_through_table(address);
        Fault fault = try_load<u64>(there).fault;
        check.expect(fault.is(vector::page_fault, present | reserved), "table-read", address,
                     fault.error);
        fault = try_store<u64>(there, 0);
        check.expect(fault.is(vector::page_fault, present | reserved | write), "table-write",
                     address, fault.error);
    }
    (void)window(0);
}

} // namespace

void attack_memory_by_instructions() {
    check_locked();
    check_unusual();
    check_strings();
    check_crossing();
    check_code_and_tables();
}

} // namespace cloison::attack
