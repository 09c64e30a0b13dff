// SPDX-License-Identifier: Apache-2.0
// The base address registers of a function whose BARs stay where they are: what software writes can
// be read back, for it finds out their sizes that way, but moves nothing.
#pragma once

#include "firmware/abi/types.hpp"

#include <array>
#include <linux/pci_regs.h>

namespace cloison::core {

class Bars {
  public:
    static constexpr u32 count = PCI_STD_NUM_BARS;

    /// BAR `index` of `extent`, whose size is a power of two and divides its base. `type`:
    /// PCI_BASE_ADDRESS_SPACE_IO, or the bits of a memory BAR; with PCI_BASE_ADDRESS_MEM_TYPE_64
    /// the next register is a part of it.
    constexpr void add(u32 index, const Extent& extent, u32 type) {
        u64 bits = ~(extent.size - 1);
        registers_[index] = {static_cast<u32>(extent.base), static_cast<u32>(bits), type};
        bool io = (type & PCI_BASE_ADDRESS_SPACE_IO) != 0;
        if (!io && (type & PCI_BASE_ADDRESS_MEM_TYPE_64) != 0)
            registers_[index + 1] = {static_cast<u32>(extent.base >> 32),
                                     static_cast<u32>(bits >> 32), 0};
    }

    [[nodiscard]] static constexpr bool has(u32 offset) {
        return offset >= PCI_BASE_ADDRESS_0 && offset < PCI_BASE_ADDRESS_0 + 4 * count;
    }
    /// `offset` is a dword's for which has().
    [[nodiscard]] constexpr u32 read(u32 offset) const {
        const Register& r = registers_[(offset - PCI_BASE_ADDRESS_0) / 4];
        return r.value | r.type;
    }
    constexpr void write(u32 offset, u32 value, u32 mask) {
        Register& r = registers_[(offset - PCI_BASE_ADDRESS_0) / 4];
        u32 bits = r.writable & mask;
        r.value = (r.value & ~bits) | (value & bits);
    }

  private:
    struct Register {
        u32 value = 0;
        u32 writable = 0;
        u32 type = 0; // constant low bits
    };
    std::array<Register, count> registers_{};
};

} // namespace cloison::core
