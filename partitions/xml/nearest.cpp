// SPDX-License-Identifier: Apache-2.0
#include "partitions/xml/nearest.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace cloison::xml {

namespace {

constexpr std::size_t longest = 40; // no name of ours is longer; keeps the table small

/// Edit distance with swaps of neighbours (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
    std::array<std::array<std::size_t, longest + 1>, longest + 1> cost{};
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            cost[i][j] =
                std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    }
    return cost[a.size()][b.size()];
}

} // namespace

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known) {
    if (name.size() > longest)
        return {};
    std::string_view nearest;
    std::size_t best = std::max<std::size_t>(2, name.size() / 3) + 1;
    for (std::string_view candidate : known) {
        std::size_t d = candidate.size() > longest ? best : distance(name, candidate);
        if (d < best && d < candidate.size()) {
            best = d;
            nearest = candidate;
        }
    }
    return nearest;
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> known) {
    if (std::string_view nearest = nearest_name(name, known); !nearest.empty())
        return "did you mean '" + std::string(nearest) + "'?";
    std::string all;
    for (std::string_view candidate : known)
        all += (all.empty() ? "" : ", ") + std::string(candidate);
    return all.empty() ? "nothing is known here" : "known here: " + all;
}

} // namespace cloison::xml
