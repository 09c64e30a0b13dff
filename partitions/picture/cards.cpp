// SPDX-License-Identifier: Apache-2.0
#include "partitions/layout/words.hpp"
#include "partitions/picture/sections.hpp"
#include "partitions/picture/text_width.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>

namespace cloison::picture {

namespace {

std::string join(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts)
        text += (text.empty() ? "" : ", ") + part;
    return text;
}

std::string cpus_of(const LayoutPartition& partition, const PlannedPartition& planned) {
    if (!partition.shares())
        return plural(planned.apic_ids.size(), "CPU");
    const ProcessorsWanted& wanted = partition.processors();
    return plural(wanted.desired, "virtual CPU") + ", " + xml::format_decimal(wanted.entitlement) +
           " of pool " + wanted.pool +
           (wanted.sharing == Sharing::uncapped ? " and more" : " at most");
}

std::string devices_of(const LayoutPartition& partition) {
    std::vector<std::string> parts;
    auto add = [&](usize count, const char* noun) {
        if (count != 0)
            parts.push_back(plural(count, noun));
    };
    add(partition.devices.size() + partition.serials.size(), "device");
    add(partition.disks.size(), "disk");
    add(partition.networks.size(), "network");
    add(partition.consoles.size(), "console");
    return join(parts);
}

struct Card {
    const Party& party;
    std::string role;
    std::string first, second; // lines
    std::string tip;
};

std::vector<Card> cards_of(const Scene& scene) {
    const Layout& layout = scene.compiled.layout;
    std::vector<Card> cards;
    for (usize i = 0; i < layout.pools.size(); ++i)
        cards.push_back({scene.parties.pool(i), "pool",
                         plural(scene.compiled.plan.pools[i].size(), "CPU"), "",
                         "pool " + layout.pools[i].name});
    for (usize i = 0; i < layout.partitions.size(); ++i) {
        const LayoutPartition& partition = layout.partitions[i];
        const PlannedPartition& planned = scene.compiled.plan.partitions[i];
        Card card{scene.parties.partition(i),
                  std::string(words::roles[static_cast<usize>(partition.role)]),
                  cpus_of(partition, planned), "", ""};
        std::string devices = devices_of(partition);
        card.second = xml::format_size(planned.memory_size());
        if (!devices.empty())
            card.second.append(", ").append(devices);
        card.tip = partition.name + " (" + card.role + "): " + card.first + ", " + card.second +
                   "\nkernel " + partition.boot.kernel;
        if (!partition.boot.command_line.empty())
            card.tip.append("\n").append(partition.boot.command_line);
        cards.push_back(std::move(card));
    }
    return cards;
}

void draw_card(Svg& svg, const Card& card, const Box& box) {
    constexpr double stripe = 26;
    svg.rect(box, "card", card.tip, 4);
    svg.rect({box.x + 6, box.y + 6, stripe, box.h - 12}, card.party.paint, {}, 3);
    svg.text(box.x + 6 + stripe / 2, box.y + box.h / 2 + 4, card.party.tag, 11, "k",
             Anchor::middle);
    double x = box.x + stripe + 16, room = box.right() - 10 - x;
    svg.text(box.right() - 10, box.y + 19, card.role, 10, "s", Anchor::end);
    svg.text(x, box.y + 19, fit(card.party.name, room - text_width(card.role, 10) - 8, 13), 13,
             "b");
    svg.text(x, box.y + 36, fit(card.first, room, 11), 11, "t");
    if (!card.second.empty())
        svg.text(x, box.y + 51, fit(card.second, room, 11), 11, "t");
}

double draw_few(Svg& svg, const std::vector<Card>& cards, double y) {
    constexpr double gap = 12, height = 60;
    constexpr usize columns = 3;
    constexpr double width = (content - (columns - 1) * gap) / columns;
    for (usize i = 0; i < cards.size(); ++i) {
        usize column = i % columns, row = i / columns;
        draw_card(svg, cards[i],
                  {margin + static_cast<double>(column) * (width + gap),
                   y + static_cast<double>(row) * (height + gap), width, height});
    }
    usize rows = (cards.size() + columns - 1) / columns;
    return y + static_cast<double>(rows) * (height + gap) - gap;
}

/// Number and name of each, column by column.
double draw_many(Svg& svg, const std::vector<Card>& cards, double y) {
    constexpr double height = 16;
    constexpr usize columns = 5;
    constexpr double width = content / columns, tag = 36;
    usize rows = (cards.size() + columns - 1) / columns;
    for (usize i = 0; i < cards.size(); ++i) {
        const Card& card = cards[i];
        usize column = i / rows, row = i % rows;
        double x = margin + static_cast<double>(column) * width;
        double top = y + static_cast<double>(row) * height;
        svg.rect({x, top + 2, 12, 11}, card.party.paint, card.tip, 2);
        svg.text(x + 16 + tag - 6, top + 12, card.party.tag, 10, "s", Anchor::end);
        svg.text(x + 16 + tag, top + 12, fit(card.party.name, width - tag - 24, 10), 10, "t");
    }
    return y + static_cast<double>(rows) * height;
}

} // namespace

bool many_cards(const CompiledLayout& compiled) {
    constexpr usize most_cards = 60;
    return compiled.layout.partitions.size() + compiled.layout.pools.size() > most_cards;
}

double draw_cards(const Scene& scene, double y) {
    auto cards = cards_of(scene);
    y = draw_heading(scene.svg, "Partitions", "", y);
    return many_cards(scene.compiled) ? draw_many(scene.svg, cards, y)
                                      : draw_few(scene.svg, cards, y);
}

} // namespace cloison::picture
