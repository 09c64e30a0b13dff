// SPDX-License-Identifier: Apache-2.0
#include "partitions/platform/platform.hpp"
#include "firmware/abi/manifest.hpp"
#include "partitions/platform/memory_map.hpp"
#include "partitions/xml/document.hpp"
#include "partitions/xml/reader.hpp"

#include <tinyxml2.h>

#include <map>

namespace cloison {

namespace {

using xml::AttributeRule;
using xml::ElementRule;
using xml::Occurs;
using xml::Reader;

// --- the vocabulary ---

constexpr AttributeRule processor_attributes[] = {{"apic-id", true}};
constexpr AttributeRule range_attributes[] = {{"base", true}, {"size", true}};
constexpr AttributeRule machine_attributes[] = {
    {"emulator", true}, {"model", true}, {"memory", true}, {"ips"}};
constexpr ElementRule platform_children[] = {
    {"processor", Occurs::any_number, processor_attributes, {}},
    {"ram", Occurs::any_number, range_attributes, {}},
    {"firmware", Occurs::once, range_attributes, {}},
    {"staging", Occurs::once, range_attributes, {}},
    {"machine", Occurs::at_most_once, machine_attributes, {}},
};
constexpr AttributeRule platform_attributes[] = {{"name", true}, {"large-pages-1g", true}};
constexpr ElementRule platform_rule{"platform", Occurs::once, platform_attributes,
                                    platform_children};

constexpr u64 largest_apic_id = 0xFFFF'FFFE; // the one above addresses all of them
constexpr u64 address_space = u64{1} << 52;  // the most that page tables can address
constexpr u64 most_ips = 1'000'000'000'000;  // beyond any emulator

PlatformRange read_range(const Reader& reader) {
    PlatformRange range{reader.where(), {reader.address("base"), reader.size("size")}};
    if (range.extent.base > address_space ||
        range.extent.size > address_space - range.extent.base) {
        reader.findings().error(range.where, "address", "the range ends beyond 4096TiB",
                                "no x86-64 processor addresses more");
        range.extent = {};
    }
    return range;
}

EmulatedMachine read_machine(const Reader& reader) {
    constexpr std::string_view emulators[] = {"bochs", "qemu"};
    EmulatedMachine machine;
    machine.where = reader.where();
    machine.emulator = emulators[reader.keyword("emulator", emulators)];
    machine.model = reader.text("model");
    machine.memory = reader.size("memory");
    if (reader.has("ips"))
        machine.ips = reader.integer("ips", 1, most_ips);
    if (machine.memory % mib != 0)
        reader.findings().error(reader.where("memory"), "machine-memory",
                                "an emulator's memory comes in whole MiB");
    return machine;
}

void check_processors(const Platform& platform, Diagnostics& findings) {
    if (platform.processors.empty())
        findings.error(platform.where, "platform-processors", "the platform has no processor",
                       "add a <processor apic-id=\"0\"/> for each of its CPUs");
    if (platform.processors.size() > abi::max_cpus)
        findings.error(platform.where, "platform-processors",
                       "more than " + std::to_string(abi::max_cpus) + " processors");
    std::map<u32, int> lines;
    for (const PlatformProcessor& processor : platform.processors) {
        auto [first, fresh] = lines.emplace(processor.apic_id, processor.where.line);
        if (!fresh)
            findings.error(processor.where, "apic-id-duplicate",
                           "a second processor with APIC ID " + std::to_string(processor.apic_id) +
                               ", the first is in line " + std::to_string(first->second));
    }
}

} // namespace

std::optional<Platform> parse_platform(std::string_view text, const std::string& name,
                                       Diagnostics& findings) {
    constexpr std::string_view no_yes[] = {"no", "yes"};
    xml::Document document = xml::parse(text, name, platform_rule, findings);
    if (!document)
        return std::nullopt;
    usize before = findings.errors();
    Reader reader(*document->RootElement(), name, findings);
    Platform platform;
    platform.where = reader.where();
    platform.name = reader.name("name", "platform-name");
    platform.large_pages_1g = reader.keyword("large-pages-1g", no_yes) == 1;
    for (const Reader& processor : reader.children("processor"))
        platform.processors.push_back({processor.where(), static_cast<u32>(processor.integer(
                                                              "apic-id", 0, largest_apic_id))});
    for (const Reader& range : reader.children("ram"))
        platform.ram.push_back(read_range(range));
    if (auto range = reader.child("firmware"))
        platform.firmware = read_range(*range);
    if (auto range = reader.child("staging"))
        platform.staging = read_range(*range);
    if (auto machine = reader.child("machine"))
        platform.machine = read_machine(*machine);
    check_processors(platform, findings);
    if (findings.errors() == before)
        check_memory_map(platform, findings);
    return platform;
}

std::optional<Platform> read_platform(const std::filesystem::path& file, Diagnostics& findings) {
    auto text = xml::read_file(file, findings);
    return text ? parse_platform(*text, file.string(), findings) : std::nullopt;
}

} // namespace cloison
