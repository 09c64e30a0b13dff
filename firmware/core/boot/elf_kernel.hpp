// SPDX-License-Identifier: Apache-2.0
// A kernel as its linker made it (vmlinux): segments at the physical addresses that they name, an
// entry point that is a physical address too, and is entered as a bzImage's 64-bit entry.
//
// The memory that Linux uses before it looks at the memory map, .bss and .brk included, is inside
// its segments, so nothing behind them needs to be free.
#pragma once

#include "firmware/core/boot/kernel_image.hpp"

namespace cloison::core {

Result<KernelImage, KernelError> parse_elf_kernel(std::span<const u8> file);

} // namespace cloison::core
