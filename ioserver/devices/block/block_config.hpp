// SPDX-License-Identifier: Apache-2.0
// What a block device offers, and its configuration space (virtio 1.2, sections 5.2.3 and 5.2.4).
#pragma once

#include "ioserver/devices/block/block_request.hpp"

namespace cloison::io {

[[nodiscard]] u64 block_features(const DiskProperties& disk);
[[nodiscard]] virtio_blk_config block_config(const DiskProperties& disk);

} // namespace cloison::io
