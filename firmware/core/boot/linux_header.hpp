// SPDX-License-Identifier: Apache-2.0
// Numbers of the setup header that asm/bootparam.h has no names for (The Linux/x86 Boot Protocol,
// "Details of Header Fields").
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::core {

inline constexpr u16 setup_boot_flag = 0xAA55;
inline constexpr u32 setup_magic = 0x53726448; // "HdrS"
inline constexpr u16 protocol_2_12 = 0x020C;   // the first with xloadflags

} // namespace cloison::core
