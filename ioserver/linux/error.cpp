// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/error.hpp"

#include <system_error>

namespace cloison::io {

ServerError system_error(const std::string& what, int error) {
    return ServerError(what + ": " + std::generic_category().message(error));
}

} // namespace cloison::io
