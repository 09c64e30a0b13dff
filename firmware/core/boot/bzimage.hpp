// SPDX-License-Identifier: Apache-2.0
// A bzImage (The Linux/x86 Boot Protocol, "The Real-Mode Kernel Header"): its protected-mode code
// is the one segment.
#pragma once

#include "firmware/core/boot/kernel_image.hpp"

namespace cloison::core {

/// The 64-bit entry point's offset in the protected-mode code.
inline constexpr u64 bzimage_entry64 = 0x200;

Result<KernelImage, KernelError> parse_bzimage(std::span<const u8> file);

} // namespace cloison::core
