// SPDX-License-Identifier: Apache-2.0
#include "partitions/picture/picture.hpp"
#include "partitions/picture/sections.hpp"
#include "partitions/picture/style.hpp"
#include "partitions/picture/text_width.hpp"

namespace cloison::picture {

namespace {

double draw_title(const Scene& scene) {
    const CompiledLayout& compiled = scene.compiled;
    const MemoryBudget& budget = compiled.plan.budget;
    scene.svg.text(margin, 58, compiled.layout.name, 26, "b");
    scene.svg.text(margin, 82,
                   "on " + compiled.platform.name + ": " +
                       plural(compiled.layout.partitions.size(), "partition") + ", " +
                       plural(compiled.platform.processors.size(), "CPU") + ", " +
                       about(budget.given) + " of memory given out, " + about(budget.free) +
                       " free",
                   13, "s");
    return 100;
}

/// What the colours mean that are nobody's.
double draw_key(const Scene& scene, double y) {
    constexpr std::pair<const char*, const char*> keys[] = {
        {"free", "free"},
        {"fw", "firmware"},
        {"staging", "staging of boot images"},
        {"rest", "below 1 MiB, or no whole page of 2 MiB"}};
    double x = margin;
    for (const auto& [paint, words] : keys) {
        scene.svg.rect({x + 0.5, y + 0.5, 14, 10}, paint, {}, 2);
        scene.svg.text(x + 20, y + 10, words, 11, "s");
        x += 20 + text_width(words, 11) + 20;
    }
    if (!scene.compiled.layout.pools.empty()) {
        scene.svg.rect({x + 0.5, y + 0.5, 14, 10}, pool_paint(0), {}, 2);
        scene.svg.text(x + 20, y + 10, "hatched: CPUs of a pool", 11, "s");
    }
    return y + 14;
}

} // namespace

double draw_heading(Svg& svg, const std::string& words, const std::string& remark, double y) {
    svg.text(margin, y + 36, words, 16, "b");
    svg.text(margin + text_width(words, 16) + 12, y + 36,
             fit(remark, content - text_width(words, 16) - 12, 12), 12, "s");
    return y + 50;
}

std::string draw(const CompiledLayout& compiled) {
    Svg svg("Layout " + compiled.layout.name + " on platform " + compiled.platform.name);
    svg.style(style_sheet(), patterns());
    Parties parties(compiled);
    Scene scene{compiled, parties, svg};
    double y = draw_key(scene, draw_title(scene));
    bool many = many_cards(compiled); // then who they are can wait
    if (!many)
        y = draw_cards(scene, y);
    y = draw_cpus(scene, y);
    y = draw_memory(scene, y);
    y = draw_services(scene, y);
    if (many)
        y = draw_cards(scene, y);
    return svg.finish(y + margin);
}

} // namespace cloison::picture
