// SPDX-License-Identifier: Apache-2.0
// The parts of the picture, from top to bottom. Each draws from `y` on and returns where it ended.
#pragma once

#include "partitions/picture/parties.hpp"
#include "partitions/picture/svg.hpp"

namespace cloison::picture {

struct Scene {
    const CompiledLayout& compiled;
    const Parties& parties;
    Svg& svg;
};

/// Partitions and pools with their colours, and what each has: a card for each, or, where there are
/// very many, a line.
double draw_cards(const Scene& scene, double y);
bool many_cards(const CompiledLayout& compiled);

/// Packages, cores and threads.
double draw_cpus(const Scene& scene, double y);

/// A bar for the RAM of each NUMA node, all to one scale.
double draw_memory(const Scene& scene, double y);

/// Devices, those who have them, what these serve, and whom. Nothing where there is nothing served
/// and no device.
double draw_services(const Scene& scene, double y);

/// A heading above a part; returns where the part begins.
double draw_heading(Svg& svg, const std::string& words, const std::string& remark, double y);

} // namespace cloison::picture
