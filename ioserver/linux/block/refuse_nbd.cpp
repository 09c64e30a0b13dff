// SPDX-License-Identifier: Apache-2.0
// For the static program, which has no libnbd: Debian has none to link statically.
#include "ioserver/linux/block/open_backend.hpp"
#include "ioserver/linux/error.hpp"

namespace cloison::io {

std::unique_ptr<AsyncBackend> open_nbd(EventLoop& /*loop*/, const std::string& uri,
                                       bool /*read_only*/) {
    throw ServerError(uri + ": this build of the I/O server knows no network block devices");
}

} // namespace cloison::io
