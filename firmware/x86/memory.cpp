// SPDX-License-Identifier: Apache-2.0
// The arena, and the memory functions that the compiler calls by name.
#include "firmware/x86/arena.hpp"
#include "firmware/x86/instructions.hpp"

namespace cloison::x86 {

constinit Arena arena;

void* Arena::pages(u64 count) {
    if (count * page_size > region_.size - used_)
        return nullptr;
    auto* memory = reinterpret_cast<void*>(region_.base + used_);
    used_ += count * page_size;
    clear_memory(memory, count * page_size);
    return memory;
}

} // namespace cloison::x86

extern "C" {

void* memcpy(void* to, const void* from, cloison::usize size) {
    cloison::x86::copy_memory(to, from, size);
    return to;
}

void* memset(void* to, int value, cloison::usize size) {
    void* at = to;
    asm volatile("rep stosb" : "+D"(at), "+c"(size) : "a"(value) : "memory");
    return to;
}

void* memmove(void* to, const void* from, cloison::usize size) {
    if (reinterpret_cast<cloison::u64>(to) - reinterpret_cast<cloison::u64>(from) >= size)
        return memcpy(to, from, size); // `to` is below `from` or past its end: forwards is safe
    auto* t = static_cast<unsigned char*>(to) + size;
    const auto* f = static_cast<const unsigned char*>(from) + size;
    while (size-- != 0)
        *--t = *--f;
    return to;
}

int memcmp(const void* a, const void* b, cloison::usize size) {
    const auto* x = static_cast<const unsigned char*>(a);
    const auto* y = static_cast<const unsigned char*>(b);
    for (; size != 0; --size, ++x, ++y)
        if (*x != *y)
            return *x - *y;
    return 0;
}

cloison::usize strlen(const char* text) {
    cloison::usize length = 0;
    while (text[length] != 0)
        ++length;
    return length;
}

[[noreturn]] void __cxa_pure_virtual() {
    cloison::x86::halt_forever();
}
}
