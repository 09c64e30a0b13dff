// SPDX-License-Identifier: Apache-2.0
// Things by name, for rules that look up many of them.
#pragma once

#include <map>
#include <string_view>
#include <vector>

namespace cloison {

template <typename T>
class Index {
  public:
    explicit Index(const std::vector<T>& things) {
        for (const T& thing : things)
            by_name_.emplace(thing.name, &thing);
    }
    /// Null when there is none of that name.
    [[nodiscard]] const T* find(std::string_view name) const {
        auto found = by_name_.find(name);
        return found == by_name_.end() ? nullptr : found->second;
    }

  private:
    std::map<std::string_view, const T*> by_name_;
};

} // namespace cloison
