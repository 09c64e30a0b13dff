// SPDX-License-Identifier: Apache-2.0
// A function of a partition's PCI bus, as its configuration space shows it.
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::core {

class PciFunction {
  public:
    /// The dword of configuration space at `offset`, a multiple of 4 below 256.
    [[nodiscard]] virtual u32 read_configuration(u32 offset) = 0;
    /// Writes those bits that `mask` has, which are one access: a byte, a word or the dword.
    virtual void write_configuration(u32 offset, u32 value, u32 mask) = 0;
    /// The pins of the I/O APIC, by bits, whose lines this function holds up.
    [[nodiscard]] virtual u32 lines() const { return 0; }

  protected:
    ~PciFunction() = default;
};

} // namespace cloison::core
