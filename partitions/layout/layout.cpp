// SPDX-License-Identifier: Apache-2.0
#include "partitions/layout/layout.hpp"
#include "partitions/layout/read_partition.hpp"
#include "partitions/layout/words.hpp"
#include "partitions/xml/document.hpp"
#include "partitions/xml/values.hpp"

#include <map>

namespace cloison {

namespace {

using xml::Reader;

Pool read_pool(const Reader& reader) {
    Pool pool{reader.where(), reader.text("name"), static_cast<u32>(reader.number("desired")),
              read_pinned(reader)};
    if (reader.has("desired") == !pool.pinned.empty())
        reader.findings().error(pool.where, reader.has("desired") ? "cpu-ambiguous" : "cpu-none",
                                reader.has("desired") ? "a number of CPUs and a list of them"
                                                      : "the pool asks for no CPU",
                                "write either desired=\"…\" or <cpu/> elements");
    if (!pool.pinned.empty())
        pool.desired = static_cast<u32>(pool.pinned.size());
    return pool;
}

Switch read_switch(const Reader& reader) {
    Switch result{reader.where(),
                  reader.where("server"),
                  reader.where("uplink"),
                  reader.text("name"),
                  reader.text("server"),
                  std::nullopt,
                  reader.number("bandwidth")};
    if (reader.has("uplink"))
        result.uplink = static_cast<u32>(reader.number("uplink"));
    return result;
}

Volume read_volume(const Reader& reader) {
    Volume volume;
    volume.where = reader.where();
    volume.server_where = reader.where("server");
    volume.backing_where = reader.where("backing");
    volume.size_where = reader.where("size");
    volume.name = reader.text("name");
    volume.server = reader.text("server");
    volume.backing = reader.text("backing");
    volume.size = reader.number("size");
    volume.shareable = reader.number("shareable") == 1;
    volume.rate = reader.number("rate");
    volume.bandwidth = reader.number("bandwidth");
    return volume;
}

template <typename T>
void check_names(const std::vector<T>& things, const char* noun, Diagnostics& findings) {
    std::map<std::string_view, int> lines;
    for (const T& thing : things) {
        auto [first, fresh] = lines.emplace(thing.name, thing.where.line);
        if (!fresh && !thing.name.empty())
            findings.error(thing.where, "name-twice",
                           std::string("a second ") + noun + " called " + xml::quote(thing.name) +
                               ", the first is in line " + std::to_string(first->second),
                           std::string("give each ") + noun + " a name of its own");
    }
}

void check_partition_count(const Layout& layout, Diagnostics& findings) {
    if (layout.partitions.empty())
        findings.error(layout.where, "no-partitions", "the layout has no partition",
                       "add a <partition> element; configs/layouts/minimal.xml shows one");
    if (layout.partitions.size() > abi::max_partitions)
        findings.error(layout.where, "too-many-partitions",
                       "more than " + std::to_string(abi::max_partitions) + " partitions");
}

} // namespace

std::optional<Layout> parse_layout(std::string_view text, const std::string& name,
                                   Diagnostics& findings) {
    auto document = xml::parse(text, name, words::layout_rule, findings);
    if (!document)
        return std::nullopt;
    Reader reader = document->root(findings);
    Layout layout;
    layout.where = reader.where();
    layout.name = reader.text("name");
    layout.platform_where = reader.where("platform");
    layout.platform = reader.text("platform");
    for (const Reader& pool : reader.children("pool"))
        layout.pools.push_back(read_pool(pool));
    for (const Reader& element : reader.children("switch"))
        layout.switches.push_back(read_switch(element));
    for (const Reader& volume : reader.children("volume"))
        layout.volumes.push_back(read_volume(volume));
    for (const Reader& partition : reader.children("partition"))
        layout.partitions.push_back(read_partition(partition));
    check_partition_count(layout, findings);
    check_names(layout.pools, "pool", findings);
    check_names(layout.switches, "switch", findings);
    check_names(layout.volumes, "volume", findings);
    check_names(layout.partitions, "partition", findings);
    return layout;
}

std::optional<Layout> read_layout(const std::filesystem::path& file, Diagnostics& findings) {
    auto text = xml::read_file(file, findings);
    return text ? parse_layout(*text, file.string(), findings) : std::nullopt;
}

} // namespace cloison
