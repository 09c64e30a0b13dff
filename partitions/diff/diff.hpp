// SPDX-License-Identifier: Apache-2.0
// What changes from one plan to another, and what it takes to put that into effect.
#pragma once

#include "partitions/compile.hpp"
#include "partitions/diff/needs.hpp"

#include <string>
#include <vector>

namespace cloison::diff {

struct Change {
    const NeedRule* rule = nullptr;
    std::string subject;                      // "partition alpha", "platform"
    std::string what;                         // "memory"
    std::string from, to;                     // empty: there was none, there is none any more
    std::string because = {};                 // where a move's reason is known
    std::vector<std::string> partitions = {}; // those to be restarted, started or stopped

    /// What this change takes: a restart of no partition is nothing.
    [[nodiscard]] Needs needs() const {
        return rule->needs == Needs::partitions && partitions.empty() ? Needs::nothing
                                                                      : rule->needs;
    }
};

/// All changes: those of the platform and the layout first, then those of partitions in the order
/// of the new layout, then those of what they share. Things are the same if they have one name.
/// Both compilations must be ok().
std::vector<Change> compare(const Compilation& before, const Compilation& after);

/// The partitions to be restarted, started or stopped for all changes, each once, in order.
std::vector<std::string> touched(const std::vector<Change>& changes);
/// What all changes together take.
Needs needs_of(const std::vector<Change>& changes);

} // namespace cloison::diff
