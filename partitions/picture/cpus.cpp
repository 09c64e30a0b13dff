// SPDX-License-Identifier: Apache-2.0
// CPUs as they are in the machine: a box for each package, in it cores, in these threads. Cells are
// as large as the page lets them be. Under each row stands whose its CPUs are.
#include "partitions/picture/sections.hpp"
#include "partitions/picture/text_width.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace cloison::picture {

namespace {

constexpr double padding = 12, heading = 24, gap = 20;

using Core = std::vector<const PlatformProcessor*>; // its threads

struct Group {
    std::string name;
    std::vector<Core> cores;
    usize cpus = 0;
};

/// How everything is cut to size.
struct Scale {
    double cell = 0;
    usize columns = 1; // of boxes
    double box = 0;    // the width of a box

    [[nodiscard]] double height() const { return std::min(cell, 32.0); }
    [[nodiscard]] double core_gap() const { return cell >= 20 ? 6 : 3; }
    [[nodiscard]] double strip() const { return 20; } // under a row: a bar and names
    [[nodiscard]] double inner() const { return box - 2 * padding; }
    [[nodiscard]] double width(usize threads) const { return static_cast<double>(threads) * cell; }
};

/// Boxes by package and node; by node alone, or one for all, where there would be too many.
std::vector<Group> groups_of(const Platform& platform) {
    constexpr usize most = 16;
    auto processors = platform.processors;
    auto place = [](const PlatformProcessor& p) {
        return std::tuple(p.package, p.node, p.core, p.thread, p.apic_id);
    };
    std::vector<const PlatformProcessor*> sorted;
    std::set<std::pair<u32, u32>> boxes;
    std::set<u32> packages, nodes;
    for (const PlatformProcessor& p : platform.processors) {
        sorted.push_back(&p);
        boxes.emplace(p.package, p.node);
        packages.insert(p.package);
        nodes.insert(p.node);
    }
    std::sort(sorted.begin(), sorted.end(),
              [&](const auto* a, const auto* b) { return place(*a) < place(*b); });
    bool one = boxes.size() > most;
    std::vector<Group> groups;
    const PlatformProcessor* last = nullptr;
    for (const PlatformProcessor* p : sorted) {
        bool same_box =
            last != nullptr && (one || (last->package == p->package && last->node == p->node));
        if (!same_box)
            groups.push_back(
                {one ? plural(packages.size(), "package") + ", " + plural(nodes.size(), "node")
                     : "package " + std::to_string(p->package) + ", node " +
                           std::to_string(p->node),
                 {},
                 0});
        if (!same_box || !last->same_core(*p))
            groups.back().cores.emplace_back();
        groups.back().cores.back().push_back(p);
        ++groups.back().cpus;
        last = p;
    }
    return groups;
}

/// Cores of a row, so that all rows are full, if they are not much shorter for it.
usize cores_in_row(const Group& group, const Scale& scale) {
    double core = scale.width(group.cores.front().size()) + scale.core_gap();
    auto most = static_cast<usize>((scale.inner() + scale.core_gap()) / core);
    for (usize count = most; count > 0 && count >= most / 2; --count)
        if (group.cores.size() % count == 0)
            return count;
    return most;
}

/// Cores in rows; one with more threads than a row has room for is continued in the next.
std::vector<std::vector<Core>> rows_of(const Group& group, const Scale& scale) {
    usize most = std::max<usize>(1, static_cast<usize>(scale.inner() / scale.cell));
    usize full = cores_in_row(group, scale);
    std::vector<std::vector<Core>> rows;
    double room = 0;
    for (const Core& core : group.cores) {
        for (usize from = 0; from < core.size(); from += most) {
            auto first = core.begin() + static_cast<std::ptrdiff_t>(from);
            Core part(first,
                      first + static_cast<std::ptrdiff_t>(std::min(most, core.size() - from)));
            double width = scale.width(part.size());
            if (rows.empty() || width > room + 0.01 || rows.back().size() == full) {
                rows.emplace_back();
                room = scale.inner();
            }
            room -= width + scale.core_gap();
            rows.back().push_back(std::move(part));
        }
    }
    return rows;
}

double box_height(const Group& group, const Scale& scale) {
    return heading + padding / 2 +
           static_cast<double>(rows_of(group, scale).size()) * (scale.height() + scale.strip());
}

double total_height(const std::vector<Group>& groups, const Scale& scale) {
    double total = 0, row = 0;
    for (usize i = 0; i < groups.size(); ++i) {
        row = std::max(i % scale.columns == 0 ? 0 : row, box_height(groups[i], scale));
        if ((i + 1) % scale.columns == 0 || i + 1 == groups.size())
            total += row + gap;
    }
    return total;
}

/// The largest cells with which all is still seen at a glance.
Scale scale_for(const std::vector<Group>& groups) {
    constexpr double glance = 420;
    Scale scale;
    scale.columns = groups.size() <= 1 ? 1 : groups.size() <= 4 ? 2 : groups.size() <= 9 ? 3 : 4;
    auto columns = static_cast<double>(scale.columns);
    scale.box = (content - (columns - 1) * gap) / columns;
    for (double cell : {96, 72, 56, 44, 36, 30, 24, 19, 15, 12, 10}) {
        scale.cell = cell;
        if (total_height(groups, scale) <= glance)
            break;
    }
    return scale;
}

class Drawing {
  public:
    Drawing(const Scene& scene, const Scale& scale) : scene_(scene), scale_(scale) {}

    double draw(const Group& group, double x, double y) {
        auto rows = rows_of(group, scale_);
        double widest = text_width(title(group), 12);
        for (const auto& row : rows)
            widest = std::max(widest, row_width(row));
        Box box{x, y, widest + 2 * padding, box_height(group, scale_)};
        scene_.svg.rect(box, "card", {}, 6);
        scene_.svg.text(x + padding, y + 17, title(group), 12, "t");
        double at = y + heading;
        for (const auto& row : rows) {
            draw_row(row, x + padding, at);
            at += scale_.height() + scale_.strip();
        }
        return box.bottom();
    }

  private:
    static std::string title(const Group& group) {
        return group.name + ": " + plural(group.cpus, "CPU");
    }

    [[nodiscard]] double row_width(const std::vector<Core>& row) const {
        double width = -scale_.core_gap();
        for (const Core& core : row)
            width += scale_.width(core.size()) + scale_.core_gap();
        return width;
    }

    void draw_row(const std::vector<Core>& row, double x, double y) {
        const Party* party = nullptr;
        double from = x, to = x;
        for (const Core& core : row) {
            for (const PlatformProcessor* cpu : core) {
                const Party* owner = scene_.parties.owner(cpu->apic_id);
                if (owner != party) {
                    draw_name(party, from, to, y + scale_.height());
                    party = owner;
                    from = x;
                }
                draw_cpu(*cpu, owner, x, y);
                x += scale_.cell;
                to = x - 1;
            }
            x += scale_.core_gap();
        }
        draw_name(party, from, to, y + scale_.height());
    }

    void draw_cpu(const PlatformProcessor& cpu, const Party* owner, double x, double y) {
        std::string id = std::to_string(cpu.apic_id);
        std::string tip = "CPU " + id;
        if (scale_.cell > 12) // very many are told from each other by less
            tip += " (package " + std::to_string(cpu.package) + ", core " +
                   std::to_string(cpu.core) + ", thread " + std::to_string(cpu.thread) + ", node " +
                   std::to_string(cpu.node) + ")";
        tip += ": " + (owner == nullptr ? "free" : (owner->pool ? "pool " : "") + owner->name);
        Box box{x, y, scale_.cell - 1, scale_.height() - 1};
        if (owner == nullptr) // its outline is around it
            box = {x + 0.5, y + 0.5, box.w - 1, box.h - 1};
        scene_.svg.rect(box, owner == nullptr ? "free" : owner->paint, tip,
                        scale_.cell >= 20 ? 3 : 1);
        double size = scale_.cell >= 44 ? 13 : 10;
        if (text_width(id, size) + 4 <= scale_.cell && scale_.height() >= 15)
            scene_.svg.text(x + box.w / 2, y + scale_.height() / 2 + size * 0.36, id, size,
                            owner == nullptr ? "s" : "k", Anchor::middle);
    }

    /// The bar under the CPUs of one owner, and whose they are.
    void draw_name(const Party* party, double from, double to, double y) {
        if (party == nullptr)
            return;
        scene_.svg.rect({from, y + 1, to - from, 3}, party->paint, party->name);
        std::string name = label(*party, to - from, 10);
        if (!name.empty())
            scene_.svg.text((from + to) / 2, y + 14, name, 10, "t", Anchor::middle);
    }

    const Scene& scene_;
    const Scale& scale_;
};

} // namespace

double draw_cpus(const Scene& scene, double y) {
    auto groups = groups_of(scene.compiled.platform);
    Scale scale = scale_for(groups);
    y = draw_heading(scene.svg, "CPUs", "by APIC ID; threads of one core are together", y);
    double end = y;
    for (usize i = 0; i < groups.size(); ++i) {
        auto column = static_cast<double>(i % scale.columns);
        if (i % scale.columns == 0 && i != 0)
            y = end + gap;
        end = std::max(
            end, Drawing(scene, scale).draw(groups[i], margin + column * (scale.box + gap), y));
    }
    return end;
}

} // namespace cloison::picture
