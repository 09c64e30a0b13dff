// SPDX-License-Identifier: Apache-2.0
// The graph of devices and services in four columns, with lines between neighbours.
#include "partitions/picture/graph.hpp"
#include "partitions/picture/sections.hpp"
#include "partitions/picture/text_width.hpp"

#include <algorithm>

namespace cloison::picture {

namespace {

constexpr double height = 40, gap = 10, top = 24;
constexpr double widths[] = {200, 210, 290, 220};
constexpr double between = (content - 200 - 210 - 290 - 220) / 3; // room for the lines
constexpr const char* titles[] = {"devices", "owners and servers", "services", "clients"};

double left_of(usize column) {
    double x = margin;
    for (usize i = 0; i < column; ++i)
        x += widths[i] + between;
    return x;
}

double extent_of(usize count) {
    return count == 0 ? 0 : static_cast<double>(count) * (height + gap) - gap;
}

void draw_node(const Scene& scene, const Node& node, const Box& box) {
    constexpr double swatch = 10;
    bool owned = node.partition.has_value();
    scene.svg.rect(box, owned ? "card" : "free", node.tip, 4);
    double x = box.x + 10;
    if (owned) {
        scene.svg.rect({box.x + 5, box.y + 5, swatch, box.h - 10},
                       scene.parties.partition(*node.partition).paint, {}, 2);
        x = box.x + swatch + 12;
    }
    double room = box.right() - 8 - x;
    bool two = !node.remark.empty();
    scene.svg.text(x, box.y + (two ? 17 : height / 2 + 4), fit(node.name, room, 12), 12, "t");
    if (two)
        scene.svg.text(x, box.y + 32, fit(node.remark, room, 10), 10, "s");
}

/// From the right side of one box to the left side of another.
void draw_wire(Svg& svg, double x1, double y1, double x2, double y2, const std::string& tip) {
    double middle = (x1 + x2) / 2;
    svg.path("M" + number(x1) + " " + number(y1) + "C" + number(middle) + " " + number(y1) + " " +
                 number(middle) + " " + number(y2) + " " + number(x2) + " " + number(y2),
             "wire", tip);
}

} // namespace

double draw_services(const Scene& scene, double y) {
    Graph graph = make_graph(scene.compiled);
    if (graph.empty())
        return y;
    y = draw_heading(scene.svg, "Devices and services", "who owns, who serves, who is served", y);
    double tallest = 0;
    for (const auto& nodes : graph.column)
        tallest = std::max(tallest, extent_of(nodes.size()));
    std::vector<std::vector<double>> middles(Graph::columns); // of boxes
    for (usize c = 0; c < Graph::columns; ++c) {
        double at = y + top + (tallest - extent_of(graph.column[c].size())) / 2;
        for (usize i = 0; i < graph.column[c].size(); ++i)
            middles[c].push_back(at + static_cast<double>(i) * (height + gap) + height / 2);
    }
    for (usize c = 1; c < Graph::columns; ++c) // below the boxes
        for (usize i = 0; i < graph.column[c].size(); ++i)
            for (usize from : graph.column[c][i].from)
                draw_wire(scene.svg, left_of(c - 1) + widths[c - 1], middles[c - 1][from],
                          left_of(c), middles[c][i],
                          graph.column[c - 1][from].name + " → " + graph.column[c][i].name);
    for (usize c = 0; c < Graph::columns; ++c) {
        if (!graph.column[c].empty())
            scene.svg.text(left_of(c), y + 12, titles[c], 12, "s");
        for (usize i = 0; i < graph.column[c].size(); ++i)
            draw_node(scene, graph.column[c][i],
                      {left_of(c), middles[c][i] - height / 2, widths[c], height});
    }
    return y + top + tallest;
}

} // namespace cloison::picture
