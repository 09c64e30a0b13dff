// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/error.hpp"

#include <ostream>
#include <system_error>

namespace cloison::io {

void say(std::ostream& to, const std::string& text) {
    to << "ioserver: " + text + "\n" << std::flush;
}

ServerError system_error(const std::string& what, int error) {
    return ServerError(what + ": " + std::generic_category().message(error));
}

} // namespace cloison::io
