// SPDX-License-Identifier: Apache-2.0
// Memory: bars to one scale, holes between RAM as short breaks. Names that find no room in their
// block stand above it, addresses below.
#include "partitions/picture/sections.hpp"
#include "partitions/picture/segments.hpp"
#include "partitions/picture/text_width.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>

namespace cloison::picture {

namespace {

using xml::format_hex;
using xml::format_size;

constexpr double callouts = 22, addresses = 18; // heights above and below a bar

/// Labels in one line from left to right: each at its place, or as near behind it as it can be.
class Line {
  public:
    Line(Svg& svg, double y) : svg_(svg), y_(y) {}

    /// Where the label's middle came to be; none when that would be too far off, or off the page.
    std::optional<double> put(double middle, const std::string& words, double farthest) {
        double width = text_width(words, 10);
        double x =
            std::max({margin, end_ + 8, std::min(middle - width / 2, margin + content - width)});
        if (x + width > margin + content || x + width / 2 - middle > farthest)
            return std::nullopt;
        svg_.text(x, y_, words, 10, "s");
        end_ = x + width;
        return x + width / 2;
    }

  private:
    Svg& svg_;
    double y_, end_ = -1000;
};

class Bar {
  public:
    Bar(const Scene& scene, double y, double height, double per_byte, double hole)
        : scene_(scene),
          y_(y),
          height_(height),
          per_byte_(per_byte),
          hole_(hole),
          above_(scene.svg, y - 8),
          below_(scene.svg, y + height + 13) {}

    void draw(const NodeRam& node) {
        const Segment* before = nullptr;
        for (const Range& range : node.ranges) {
            if (before != nullptr)
                draw_hole(before->extent.end(), range.front().extent.base);
            below_.put(x_, format_hex(range.front().extent.base), 200);
            for (const Segment& segment : range)
                draw_segment(segment);
            before = &range.back();
        }
        below_.put(x_, format_hex(before->extent.end()), 200);
    }

  private:
    void draw_hole(u64 from, u64 to) {
        double middle = x_ + hole_ / 2, half = height_ / 2;
        scene_.svg.path("M" + number(middle - 2) + " " + number(y_ + half + 6) + "L" +
                            number(middle + 2) + " " + number(y_ + half - 6),
                        "tick", "no RAM: " + format_size(to - from) + " at " + format_hex(from));
        x_ += hole_;
    }

    void draw_segment(const Segment& segment) {
        constexpr double least = 0.75; // still to be seen
        double width = static_cast<double>(segment.extent.size) * per_byte_;
        std::string size = format_size(segment.extent.size);
        Box box{x_, y_, std::max(width, least), height_};
        scene_.svg.rect(box, paint(segment),
                        name(segment) + ": " + size + " at " + format_hex(segment.extent.base) +
                            guest(segment));
        if (segment.use == Use::partition && width > 4) // apart from the next one
            scene_.svg.rect({x_ + width - 0.75, y_, 0.75, height_}, "bg");
        if (segment.use == Use::partition)
            draw_label(segment, box, size);
        else if (segment.use == Use::free && text_width("free", 11) + 6 <= width)
            scene_.svg.text(x_ + width / 2, y_ + height_ / 2 + 4, "free", 11, "s", Anchor::middle);
        else if (segment.use == Use::firmware || segment.use == Use::staging)
            call_out(x_ + width / 2, name(segment) + " " + size);
        x_ += width;
    }

    void draw_label(const Segment& segment, const Box& box, const std::string& size) {
        const Party& party = scene_.parties.partition(segment.partition);
        double middle = box.x + box.w / 2, room = box.w - 6;
        std::string words = label(party, room, 11);
        bool both = text_width(size, 10) <= room && height_ >= 40;
        if (words.empty())
            return;
        scene_.svg.text(middle, y_ + height_ / 2 + (both ? -3 : 4), words, 11, "k", Anchor::middle);
        if (both)
            scene_.svg.text(middle, y_ + height_ / 2 + 12, size, 10, "k", Anchor::middle);
    }

    void call_out(double middle, const std::string& words) {
        if (auto at = above_.put(middle, words, 400))
            scene_.svg.path("M" + number(*at) + " " + number(y_ - 6) + "L" + number(middle) + " " +
                                number(y_ - 1),
                            "tick");
    }

    [[nodiscard]] std::string name(const Segment& segment) const {
        switch (segment.use) {
        case Use::partition:
            return scene_.parties.partition(segment.partition).name;
        case Use::firmware:
            return "firmware";
        case Use::staging:
            return "staging";
        case Use::rest:
            return segment.extent.end() <= mib ? "below 1 MiB" : "no whole page of 2 MiB";
        case Use::free:
            break;
        }
        return "free";
    }

    [[nodiscard]] std::string paint(const Segment& segment) const {
        switch (segment.use) {
        case Use::partition:
            return scene_.parties.partition(segment.partition).paint;
        case Use::firmware:
            return "fw";
        case Use::staging:
            return "staging";
        case Use::rest:
            return "rest";
        case Use::free:
            break;
        }
        return "free";
    }

    static std::string guest(const Segment& segment) {
        return segment.use == Use::partition ? ", guest address " + format_hex(segment.guest) : "";
    }

    const Scene& scene_;
    double x_ = margin, y_, height_, per_byte_, hole_;
    Line above_, below_;
};

double holes(const NodeRam& node, double hole) {
    return static_cast<double>(node.ranges.size() - 1) * hole;
}

} // namespace

double draw_memory(const Scene& scene, double y) {
    auto nodes = cut_memory(scene.compiled);
    bool few = nodes.size() <= 8;
    usize most_ranges = 0;
    for (const NodeRam& node : nodes)
        most_ranges = std::max(most_ranges, node.ranges.size());
    double hole = most_ranges <= 10 ? 12 : 6, height = few ? 44 : 20;
    double per_byte = content;
    for (const NodeRam& node : nodes)
        per_byte =
            std::min(per_byte, (content - holes(node, hole)) / static_cast<double>(node.size()));
    y = draw_heading(scene.svg, "Memory", "to scale, but for the breaks where there is no RAM", y);
    for (const NodeRam& node : nodes) {
        scene.svg.text(margin, y + 12,
                       "node " + std::to_string(node.node) + ": " + about(node.size()) +
                           " of RAM, " + about(node.size_of(Use::free)) + " free",
                       12, "t");
        y += 20 + callouts;
        Bar(scene, y, height, per_byte, hole).draw(node);
        y += height + addresses + 10;
    }
    return y - 10;
}

} // namespace cloison::picture
