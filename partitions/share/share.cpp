// SPDX-License-Identifier: Apache-2.0
#include "partitions/share/share.hpp"

#include <cstdlib>

namespace cloison {

std::filesystem::path share_folder() {
    if (const char* folder = std::getenv("CLOISON_SHARE"); folder != nullptr && *folder != 0)
        return folder;
    std::error_code error;
    auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    return self.parent_path().parent_path() / "share" / "cloison";
}

} // namespace cloison
