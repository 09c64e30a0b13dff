// SPDX-License-Identifier: Apache-2.0
#include "partitions/layout/read_partition.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>

namespace cloison {

namespace {

using xml::Reader;

u32 count(const Reader& reader, const char* attribute, u64 otherwise) {
    return static_cast<u32>(reader.number_or(attribute, otherwise));
}

/// An attribute of one mode with the other.
void check_mode(const Reader& reader, ProcessorMode mode) {
    constexpr const char* dedicated[] = {"minimum", "desired", "maximum"};
    constexpr const char* shared[] = {"pool", "virtual-processors", "entitlement", "sharing",
                                      "weight"};
    auto refuse = [&](const char* attribute, const char* other) {
        if (reader.has(attribute))
            reader.findings().error(reader.where(attribute), "processor-mode",
                                    std::string(attribute) + " belongs to mode=\"" + other + "\"",
                                    "leave it out, or change the mode");
    };
    if (mode == ProcessorMode::dedicated) {
        for (const char* attribute : shared)
            refuse(attribute, "shared");
        return;
    }
    for (const char* attribute : dedicated)
        refuse(attribute, "dedicated");
    for (const Reader& cpu : reader.children("cpu"))
        reader.findings().error(cpu.where(), "processor-mode",
                                "CPUs of shared processors are named in the pool",
                                "leave it out, or change the mode");
    for (const char* attribute : {"pool", "virtual-processors", "entitlement"})
        if (!reader.has(attribute))
            reader.findings().error(reader.where(), "attribute-missing",
                                    std::string("shared <processors> lack the attribute '") +
                                        attribute + "'");
}

/// minimum <= desired <= maximum; those that are not become so, having been reported.
template <typename T>
void check_bounds(const Reader& reader, T& wanted) {
    if (wanted.minimum > wanted.desired)
        reader.findings().error(reader.where("minimum"), "profile-bounds",
                                "the minimum is more than is desired");
    if (wanted.maximum < wanted.desired)
        reader.findings().error(reader.where("maximum"), "profile-bounds",
                                "the maximum is less than is desired");
    wanted.minimum = std::min(wanted.minimum, wanted.desired);
    wanted.maximum = std::max(wanted.maximum, wanted.desired);
}

void read_dedicated(const Reader& reader, ProcessorsWanted& wanted) {
    wanted.pinned = read_pinned(reader);
    if (reader.has("desired") && !wanted.pinned.empty())
        reader.findings().error(reader.where("desired"), "cpu-ambiguous",
                                "a number of CPUs and a list of them",
                                "keep either desired=\"…\" or the <cpu/> elements");
    if (!reader.has("desired") && wanted.pinned.empty())
        reader.findings().error(wanted.where, "cpu-none", "<processors> asks for no CPU",
                                "write desired=\"1\", or name CPUs with <cpu apic-id=\"…\"/>");
    wanted.desired = wanted.pinned.empty() ? count(reader, "desired", 0)
                                           : static_cast<u32>(wanted.pinned.size());
    wanted.minimum = count(reader, "minimum", wanted.desired);
    wanted.maximum = count(reader, "maximum", wanted.desired);
    check_bounds(reader, wanted);
}

void read_shared(const Reader& reader, ProcessorsWanted& wanted) {
    wanted.pool_where = reader.where("pool");
    wanted.pool = reader.text("pool");
    wanted.desired = count(reader, "virtual-processors", 0);
    wanted.minimum = wanted.maximum = wanted.desired;
    wanted.entitlement = count(reader, "entitlement", 0);
    wanted.sharing = reader.keyword<Sharing>("sharing");
    wanted.weight = count(reader, "weight", wanted.weight);
    bool given = reader.has("entitlement") && reader.has("virtual-processors");
    if (given && (wanted.entitlement == 0 || wanted.entitlement > u64{100} * wanted.desired))
        reader.findings().error(reader.where("entitlement"), "entitlement-range",
                                "an entitlement of " + xml::format_decimal(wanted.entitlement) +
                                    " CPUs with " + std::to_string(wanted.desired) +
                                    " virtual CPUs",
                                "it is more than 0, and at most the number of virtual CPUs");
}

ProcessorsWanted read_processors(const Reader& reader) {
    ProcessorsWanted wanted;
    wanted.mode = reader.keyword<ProcessorMode>("mode");
    wanted.where = reader.has("desired") ? reader.where("desired") : reader.where();
    check_mode(reader, wanted.mode);
    if (wanted.mode == ProcessorMode::dedicated)
        read_dedicated(reader, wanted);
    else
        read_shared(reader, wanted);
    return wanted;
}

void check_memory_sizes(const Reader& reader) {
    for (const char* attribute : {"minimum", "desired", "maximum"}) {
        u64 size = reader.number(attribute);
        if (size % large_page_size != 0)
            reader.findings().error(reader.where(attribute), "memory-alignment",
                                    "memory is given in pieces of 2 MiB",
                                    "round it to a multiple of 2MiB");
        auto written = xml::parse_size(reader.text(attribute));
        if (std::holds_alternative<u64>(written) && size == 0)
            reader.findings().error(reader.where(attribute), "memory-none",
                                    "a partition without memory cannot run");
    }
}

void check_pinned_memory(const Reader& reader, const MemoryWanted& wanted) {
    u64 sum = 0;
    for (const PinnedMemory& pinned : wanted.pinned) {
        const Extent& extent = pinned.extent;
        if ((extent.base | extent.size) % wanted.page_size != 0 || extent.empty())
            reader.findings().error(pinned.where, "memory-alignment",
                                    "base and size are multiples of " +
                                        xml::format_size(wanted.page_size) + ", and not 0");
        sum += std::min(extent.size, ~u64{0} - sum);
    }
    if (!wanted.pinned.empty() && sum != wanted.desired && wanted.desired != 0)
        reader.findings().error(reader.where("desired"), "memory-ambiguous",
                                "the <at/> elements hold " + xml::format_size(sum) + ", " +
                                    xml::format_size(wanted.desired) + " are desired",
                                "make them the same, or leave the <at/> elements out");
}

MemoryWanted read_memory(const Reader& reader) {
    MemoryWanted wanted;
    wanted.where = reader.where("desired");
    wanted.desired = reader.number("desired");
    wanted.minimum = reader.number_or("minimum", wanted.desired);
    wanted.maximum = reader.number_or("maximum", wanted.desired);
    wanted.page_size = reader.number("page-size") == 1 ? gib : large_page_size;
    for (const Reader& at : reader.children("at"))
        wanted.pinned.push_back({at.where(), {at.number("base"), at.number("size")}});
    check_memory_sizes(reader);
    check_bounds(reader, wanted);
    check_pinned_memory(reader, wanted);
    if (wanted.page_size == gib && wanted.desired % gib != 0)
        reader.findings().error(reader.where("desired"), "page-size",
                                "memory in pages of 1 GiB is a multiple of 1GiB",
                                "round it, or leave page-size out");
    return wanted;
}

} // namespace

std::vector<PinnedCpu> read_pinned(const Reader& reader) {
    std::vector<PinnedCpu> pinned;
    for (const Reader& cpu : reader.children("cpu"))
        pinned.push_back({cpu.where(), static_cast<u32>(cpu.number("apic-id"))});
    return pinned;
}

Profile read_profile(const Reader& reader) {
    Profile profile;
    profile.where = reader.where();
    if (auto processors = reader.child("processors"))
        profile.processors = read_processors(*processors);
    if (auto memory = reader.child("memory"))
        profile.memory = read_memory(*memory);
    return profile;
}

} // namespace cloison
