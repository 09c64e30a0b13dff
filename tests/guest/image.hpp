// SPDX-License-Identifier: Apache-2.0
// The shape of a test guest's image. guest.ld has the same numbers and checks that they fit.
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::guest {

/// Where the guest is linked for and runs. High enough to be free on a bare machine too, where the
/// reference loader is below.
inline constexpr u64 image_base = 16 * mib;
/// Bytes of code and data in the file.
inline constexpr u64 image_size = 64 * kib;
/// Bytes from image_base up that the guest uses, stacks and page tables included.
inline constexpr u64 image_memory = 1 * mib;

} // namespace cloison::guest
