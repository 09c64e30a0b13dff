// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/block/nbd_backend.hpp"
#include "ioserver/linux/block/open_backend.hpp"

namespace cloison::io {

std::unique_ptr<AsyncBackend> open_nbd(EventLoop& loop, const std::string& uri, bool read_only) {
    return std::make_unique<NbdBackend>(loop, uri, read_only);
}

} // namespace cloison::io
