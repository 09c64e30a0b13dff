// SPDX-License-Identifier: Apache-2.0
// "Did you mean …?": the known name that a misspelt one is nearest to.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cloison::xml {

/// The name of `known` that the fewest insertions, deletions, substitutions and swaps of neighbours
/// turn into `name`; empty when none is near enough to be what was meant.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known);

/// A remedy for the unknown `name`: the nearest of `known`, or else all of them.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> known);

} // namespace cloison::xml
