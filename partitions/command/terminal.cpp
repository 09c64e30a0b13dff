// SPDX-License-Identifier: Apache-2.0
#include "partitions/command/terminal.hpp"

#include <cstdlib>
#include <string_view>
#include <unistd.h>

namespace cloison::command {

bool use_colour(int fd) {
    const char* no_color = std::getenv("NO_COLOR");
    const char* term = std::getenv("TERM");
    bool refused = no_color != nullptr && *no_color != 0;
    bool dumb = term == nullptr || std::string_view(term) == "dumb";
    return !refused && !dumb && isatty(fd) == 1;
}

} // namespace cloison::command
