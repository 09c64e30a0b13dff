// SPDX-License-Identifier: Apache-2.0
#include "partitions/command/output.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

namespace cloison::command {

bool write_output(const char* verb, const std::string& file, const std::string& text) {
    if (file.empty()) {
        std::cout << text << std::flush;
        return std::cout.good();
    }
    errno = 0;
    std::ofstream out(file, std::ios::binary);
    out << text;
    if (out.flush())
        return true;
    std::cerr << "cloison " << verb << ": " << file << ": "
              << (errno != 0 ? std::strerror(errno) : "cannot be written") << "\n";
    return false;
}

} // namespace cloison::command
