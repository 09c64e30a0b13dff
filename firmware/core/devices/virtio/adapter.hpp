// SPDX-License-Identifier: Apache-2.0
// Makes all that a partition is served with: the adapter record and the functions on its bus.
#pragma once

#include "firmware/core/devices/virtio/function.hpp"

namespace cloison::core {

/// In memory of the caller's, zeroed, that stays as long as the partition: `record` has
/// io_adapter_pages() and is page-aligned, `objects` has room and alignment for one VirtioFunction
/// for each of `configs`. These are sound, at most abi::max_virtio_functions. `ram` is the
/// partition's memory, guest-physical and ascending, at most abi::max_client_ram pieces.
std::span<VirtioFunction> make_functions(u8* record, void* objects,
                                         std::span<const abi::VirtioFunctionConfig> configs,
                                         std::span<const Extent> ram);

} // namespace cloison::core
