// SPDX-License-Identifier: Apache-2.0
// Everything about a thing that can change, as pairs of what it is and its value in words. Two
// plans are compared fact by fact.
#pragma once

#include "partitions/compile.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cloison::diff {

struct Fact {
    std::string_view rule; // of needs.hpp
    std::string_view what;
    std::string value;
};

/// Always the same facts in the same order. Where its CPUs and its memory are is not among them.
std::vector<Fact> facts_of_partition(const CompiledLayout& compiled, usize index);

std::vector<Fact> facts_of_platform(const CompiledLayout& compiled);
std::vector<Fact> facts_of(const Volume& volume);
std::vector<Fact> facts_of(const Switch& one);

} // namespace cloison::diff
