// SPDX-License-Identifier: Apache-2.0
// From the name of a disk to what serves it.
#pragma once

#include "ioserver/linux/block/async_backend.hpp"
#include "ioserver/linux/event_loop.hpp"

#include <memory>
#include <string>

namespace cloison::io {

/// `image` is a file, a block device or an NBD URI. Throws ServerError.
[[nodiscard]] std::unique_ptr<AsyncBackend> open_backend(EventLoop& loop, const std::string& image,
                                                         bool read_only);

/// A disk on an NBD server; a program is linked with the one that connects (open_nbd.cpp), or with
/// the one that says that it cannot (refuse_nbd.cpp). Throws ServerError.
[[nodiscard]] std::unique_ptr<AsyncBackend> open_nbd(EventLoop& loop, const std::string& uri,
                                                     bool read_only);

} // namespace cloison::io
