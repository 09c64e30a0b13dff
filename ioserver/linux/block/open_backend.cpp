// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/block/open_backend.hpp"

#include "ioserver/linux/block/file_backend.hpp"

#include <algorithm>

namespace cloison::io {

std::unique_ptr<AsyncBackend> open_backend(EventLoop& loop, const std::string& image,
                                           bool read_only) {
    constexpr const char* schemes[] = {"nbd:", "nbd+", "nbds:", "nbds+"};
    if (std::any_of(std::begin(schemes), std::end(schemes),
                    [&](const char* scheme) { return image.starts_with(scheme); }))
        return open_nbd(loop, image, read_only);
    return std::make_unique<FileBackend>(loop, image, read_only);
}

} // namespace cloison::io
