// SPDX-License-Identifier: Apache-2.0
// Instructions that may fault: what came of them is looked at, not feared.
#pragma once

#include "tests/guest/cpu.hpp"

/// An assembly string in which `instruction`, if it faults, is skipped and the fault recorded. (The
/// question mark puts the record in the group of the code, which the linker may have twice.)
#define GUEST_TRY(instruction)                                                                     \
    "771: " instruction "\n772:\n\t"                                                               \
    ".pushsection .fixups, \"a?\"\n\t.quad 771b, 772b\n\t.popsection\n\t"

namespace cloison::guest {

/// Runs `body`, which holds one GUEST_TRY or more; the last fault, if any.
template <typename F>
Fault attempt(F&& body) {
    Cpu& cpu = this_cpu();
    cpu.fault = {};
    asm volatile("" : : : "memory");
    body();
    asm volatile("" : : : "memory");
    return cpu.fault;
}

struct ReadResult {
    Fault fault;
    u64 value;
};

inline ReadResult try_rdmsr(u32 index) {
    u32 low = 0, high = 0;
    Fault fault = attempt([&] {
        asm volatile(GUEST_TRY("rdmsr") : "+a"(low), "+d"(high) : "c"(index) : "memory");
    });
    return {fault, u64{high} << 32 | low};
}

inline Fault try_wrmsr(u32 index, u64 value) {
    return attempt([&] {
        asm volatile(GUEST_TRY("wrmsr")
                     :
                     : "c"(index), "a"(static_cast<u32>(value)), "d"(static_cast<u32>(value >> 32))
                     : "memory");
    });
}

/// A load or store of a T, by one MOV.
template <typename T>
ReadResult try_load(const volatile void* from) {
    T value{};
    Fault fault = attempt([&] {
        asm volatile(GUEST_TRY("mov %1, %0")
                     : "+r"(value)
                     : "m"(*static_cast<const volatile T*>(from))
                     : "memory");
    });
    return {fault, value};
}

template <typename T>
Fault try_store(volatile void* to, T value) {
    return attempt([&] {
        asm volatile(GUEST_TRY("mov %1, %0")
                     : "=m"(*static_cast<volatile T*>(to))
                     : "r"(value)
                     : "memory");
    });
}

} // namespace cloison::guest
