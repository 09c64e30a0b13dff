// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/decode/native.hpp"

#include <cstddef>
#include <cstring>
#include <sys/mman.h>

extern "C" void native_call(cloison::core::Registers* registers, const void* code);
extern "C" void native_return();

namespace cloison::core {

static_assert(offsetof(Registers, gpr) == 0 && offsetof(Registers, rflags) == 136, "native_call.S");

Native::Native() {
    void* memory = mmap(nullptr, page_size + data_size, PROT_READ | PROT_WRITE | PROT_EXEC,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (memory != MAP_FAILED)
        page_ = static_cast<u8*>(memory);
}

Native::~Native() {
    if (page_ != nullptr)
        munmap(page_, page_size + data_size);
}

void Native::run(std::span<const u8> instruction, Registers& registers) {
    constexpr u8 jump[] = {0xFF, 0x25, 0, 0, 0, 0}; // to the address that follows
    auto target = reinterpret_cast<u64>(&native_return);
    std::memcpy(page_, instruction.data(), instruction.size());
    std::memcpy(page_ + instruction.size(), jump, sizeof jump);
    std::memcpy(page_ + instruction.size() + sizeof jump, &target, sizeof target);
    native_call(&registers, page_);
}

} // namespace cloison::core
