// SPDX-License-Identifier: Apache-2.0
#include "partitions/layout/layout.hpp"
#include "partitions/xml/document.hpp"
#include "partitions/xml/reader.hpp"

#include <tinyxml2.h>

#include <array>
#include <map>

namespace cloison {

namespace {

using xml::AttributeRule;
using xml::ElementRule;
using xml::Occurs;
using xml::Reader;

// --- the vocabulary ---

constexpr AttributeRule cpu_attributes[] = {{"apic-id", true}};
constexpr ElementRule processors_children[] = {{"cpu", Occurs::any_number, cpu_attributes, {}}};
constexpr AttributeRule processors_attributes[] = {{"mode", true}, {"desired"}};
constexpr AttributeRule memory_attributes[] = {{"desired", true}};
constexpr AttributeRule boot_attributes[] = {
    {"kind", true}, {"kernel", true}, {"initrd"}, {"command-line"}};
constexpr AttributeRule failure_attributes[] = {{"policy", true}};
constexpr ElementRule partition_children[] = {
    {"processors", Occurs::once, processors_attributes, processors_children},
    {"memory", Occurs::once, memory_attributes, {}},
    {"console", Occurs::at_most_once, {}, {}},
    {"boot", Occurs::once, boot_attributes, {}},
    {"failure", Occurs::at_most_once, failure_attributes, {}},
};
constexpr AttributeRule partition_attributes[] = {{"name", true}, {"role", true}};
constexpr ElementRule layout_children[] = {
    {"partition", Occurs::any_number, partition_attributes, partition_children}};
constexpr AttributeRule layout_attributes[] = {{"name", true}, {"platform", true}};
constexpr ElementRule layout_rule{"layout", Occurs::once, layout_attributes, layout_children};

constexpr u64 largest_apic_id = 0xFFFF'FFFE; // the one above addresses all of them

// --- the parts of a partition ---

ProcessorsWanted read_processors(const Reader& reader) {
    constexpr std::string_view modes[] = {"dedicated"}, later[] = {"shared"};
    ProcessorsWanted wanted;
    wanted.where = reader.where("desired");
    (void)reader.keyword("mode", modes, later);
    for (const Reader& cpu : reader.children("cpu"))
        wanted.pinned.push_back(
            {cpu.where(), static_cast<u32>(cpu.integer("apic-id", 0, largest_apic_id))});
    if (reader.has("desired") && !wanted.pinned.empty())
        reader.findings().error(reader.where("desired"), "cpu-ambiguous",
                                "a number of CPUs and a list of them",
                                "keep either desired=\"…\" or the <cpu/> elements");
    if (!reader.has("desired") && wanted.pinned.empty())
        reader.findings().error(wanted.where, "cpu-none", "<processors> asks for no CPU",
                                "write desired=\"1\", or name CPUs with <cpu apic-id=\"…\"/>");
    wanted.desired = wanted.pinned.empty()
                         ? static_cast<u32>(reader.integer("desired", 1, abi::max_cpus))
                         : static_cast<u32>(wanted.pinned.size());
    return wanted;
}

MemoryWanted read_memory(const Reader& reader) {
    usize before = reader.findings().errors();
    MemoryWanted wanted{reader.where("desired"), reader.size("desired")};
    if (wanted.desired % large_page_size != 0)
        reader.findings().error(reader.where("desired"), "memory-alignment",
                                "memory is given in pieces of 2 MiB",
                                "round it to a multiple of 2MiB");
    if (wanted.desired == 0 && reader.has("desired") && before == reader.findings().errors())
        reader.findings().error(reader.where("desired"), "memory-none",
                                "a partition without memory cannot run");
    return wanted;
}

Boot read_boot(const Reader& reader) {
    constexpr std::string_view kinds[] = {"linux"}, later[] = {"multiboot", "pvh", "firmware"};
    Boot boot;
    boot.kernel_where = reader.where("kernel");
    boot.initrd_where = reader.where("initrd");
    boot.command_line_where = reader.where("command-line");
    (void)reader.keyword("kind", kinds, later);
    boot.kernel = reader.text("kernel");
    boot.initrd = reader.text("initrd");
    boot.command_line = reader.text("command-line");
    for (const char* image : {"kernel", "initrd"})
        if (reader.has(image) && reader.text(image).empty())
            reader.findings().error(reader.where(image), "image-path",
                                    std::string(image) + ": the path is empty");
    return boot;
}

LayoutPartition read_partition(const Reader& reader) {
    constexpr std::string_view roles[] = {"client"}, later_roles[] = {"control", "io-server"};
    constexpr std::string_view policies[] = {"stop"}, later_policies[] = {"reset", "restart"};
    LayoutPartition partition;
    partition.where = reader.where();
    partition.name = reader.name("name", "partition-name");
    (void)reader.keyword("role", roles, later_roles);
    if (auto processors = reader.child("processors"))
        partition.processors = read_processors(*processors);
    if (auto memory = reader.child("memory"))
        partition.memory = read_memory(*memory);
    if (auto console = reader.child("console"))
        partition.console = console->where();
    if (auto boot = reader.child("boot"))
        partition.boot = read_boot(*boot);
    if (auto failure = reader.child("failure"))
        (void)failure->keyword("policy", policies, later_policies);
    return partition;
}

void check_names(const Layout& layout, Diagnostics& findings) {
    std::map<std::string_view, int> lines;
    for (const LayoutPartition& partition : layout.partitions) {
        auto [first, fresh] = lines.emplace(partition.name, partition.where.line);
        if (!fresh && !partition.name.empty())
            findings.error(partition.where, "partition-name",
                           "a second partition called " + xml::quote(partition.name) +
                               ", the first is in line " + std::to_string(first->second),
                           "give each partition a name of its own");
    }
}

} // namespace

std::optional<Layout> parse_layout(std::string_view text, const std::string& name,
                                   Diagnostics& findings) {
    xml::Document document = xml::parse(text, name, layout_rule, findings);
    if (!document)
        return std::nullopt;
    Reader reader(*document->RootElement(), name, findings);
    Layout layout{reader.where(),
                  reader.name("name", "layout-name"),
                  reader.where("platform"),
                  reader.text("platform"),
                  {}};
    for (const Reader& partition : reader.children("partition"))
        layout.partitions.push_back(read_partition(partition));
    if (layout.partitions.empty())
        findings.error(layout.where, "no-partitions", "the layout has no partition",
                       "add a <partition> element; configs/layouts/minimal.xml shows one");
    if (layout.partitions.size() > abi::max_partitions)
        findings.error(layout.where, "too-many-partitions",
                       "more than " + std::to_string(abi::max_partitions) + " partitions");
    check_names(layout, findings);
    return layout;
}

std::optional<Layout> read_layout(const std::filesystem::path& file, Diagnostics& findings) {
    auto text = xml::read_file(file, findings);
    return text ? parse_layout(*text, file.string(), findings) : std::nullopt;
}

} // namespace cloison
