// SPDX-License-Identifier: Apache-2.0
// Those who own something in the picture: partitions and pools, each with a colour and a number.
#pragma once

#include "partitions/compile.hpp"

#include <map>
#include <string>
#include <vector>

namespace cloison::picture {

struct Party {
    std::string name;
    std::string tag;   // its number in the layout: where the name finds no room
    std::string paint; // class, see style.hpp
    bool pool = false;
    bool shortened = true; // names may be; not where so many are that they would look alike
};

class Parties {
  public:
    explicit Parties(const CompiledLayout& compiled);

    [[nodiscard]] const Party& partition(usize index) const { return partitions_[index]; }
    [[nodiscard]] const Party& pool(usize index) const { return pools_[index]; }
    /// Whose CPU it is; null: nobody's.
    [[nodiscard]] const Party* owner(u32 apic_id) const;

  private:
    std::vector<Party> partitions_, pools_; // in the layout's order
    std::map<u32, const Party*> cpus_;
};

/// The party's name where there is room for it, else its number, else nothing.
std::string label(const Party& party, double width, double size);

} // namespace cloison::picture
