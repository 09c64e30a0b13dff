// SPDX-License-Identifier: Apache-2.0
// The instructions that C++ cannot say, one function each.
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::x86 {

inline u64 rdtsc() {
    u32 low, high;
    asm volatile("rdtsc" : "=a"(low), "=d"(high));
    return u64{high} << 32 | low;
}

inline u64 rdmsr(u32 index) {
    u32 low, high;
    asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(index));
    return u64{high} << 32 | low;
}

inline void wrmsr(u32 index, u64 value) {
    asm volatile("wrmsr"
                 :
                 : "c"(index), "a"(static_cast<u32>(value)), "d"(static_cast<u32>(value >> 32))
                 : "memory");
}

struct CpuidResult {
    u32 eax, ebx, ecx, edx;
};

inline CpuidResult cpuid(u32 leaf, u32 subleaf = 0) {
    CpuidResult r;
    asm volatile("cpuid"
                 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                 : "a"(leaf), "c"(subleaf));
    return r;
}

inline u8 in8(u16 port) {
    u8 value;
    asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

inline u32 in32(u16 port) {
    u32 value;
    asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

inline void out16(u16 port, u16 value) {
    asm volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

inline void out32(u16 port, u32 value) {
    asm volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

inline void out8(u16 port, u8 value) {
    asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

inline u64 read_cr0() {
    u64 v;
    asm volatile("mov %%cr0, %0" : "=r"(v));
    return v;
}

inline void write_cr0(u64 v) {
    asm volatile("mov %0, %%cr0" : : "r"(v) : "memory");
}

inline u64 read_cr2() {
    u64 v;
    asm volatile("mov %%cr2, %0" : "=r"(v));
    return v;
}

inline void write_cr2(u64 v) {
    asm volatile("mov %0, %%cr2" : : "r"(v));
}

inline u64 read_cr3() {
    u64 v;
    asm volatile("mov %%cr3, %0" : "=r"(v));
    return v;
}

inline u64 read_cr4() {
    u64 v;
    asm volatile("mov %%cr4, %0" : "=r"(v));
    return v;
}

inline void write_cr4(u64 v) {
    asm volatile("mov %0, %%cr4" : : "r"(v) : "memory");
}

inline void xsetbv(u32 index, u64 value) {
    asm volatile("xsetbv"
                 :
                 : "c"(index), "a"(static_cast<u32>(value)), "d"(static_cast<u32>(value >> 32)));
}

inline void pause() {
    asm volatile("pause");
}

/// Stops this CPU for good; NMIs are taken and returned from.
[[noreturn]] inline void halt_forever() {
    for (;;)
        asm volatile("cli; hlt");
}

/// `size` bytes, eight at a time where they are that many.
inline void copy_memory(void* to, const void* from, u64 size) {
    u64 words = size / 8;
    u64 tail = size % 8;
    asm volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
    asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(tail) : : "memory");
}

/// Zeroes `size` bytes, a multiple of 8.
inline void clear_memory(void* to, u64 size) {
    u64 words = size / 8;
    asm volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(0) : "memory");
}

} // namespace cloison::x86
