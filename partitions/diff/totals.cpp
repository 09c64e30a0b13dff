// SPDX-License-Identifier: Apache-2.0
#include "partitions/diff/diff.hpp"

#include <algorithm>

namespace cloison::diff {

std::vector<std::string> touched(const std::vector<Change>& changes) {
    std::vector<std::string> names;
    for (const Change& change : changes)
        for (const std::string& name : change.partitions)
            if (std::find(names.begin(), names.end(), name) == names.end())
                names.push_back(name);
    return names;
}

Needs needs_of(const std::vector<Change>& changes) {
    Needs most = Needs::nothing;
    for (const Change& change : changes)
        most = std::max(most, change.needs());
    return most;
}

} // namespace cloison::diff
