// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/partitions/layout_text.hpp"

#include <fstream>
#include <sstream>

namespace cloison::test {

namespace {

std::string range(const char* element, const Extent& extent, u32 node = 0) {
    std::ostringstream out;
    out << "  <" << element << " base=\"0x" << std::hex << extent.base << std::dec << "\" size=\""
        << extent.size / kib << "KiB\""
        << (node != 0 ? " node=\"" + std::to_string(node) + "\"" : "") << "/>\n";
    return out.str();
}

} // namespace

std::string to_xml(const PlatformText& platform) {
    std::ostringstream out;
    out << "<platform name=\"test\" large-pages-1g=\"" << (platform.large_pages_1g ? "yes" : "no")
        << "\">\n";
    for (u32 i = 0; i < platform.apic_ids.size(); ++i) {
        out << "  <processor apic-id=\"" << platform.apic_ids[i] << "\"";
        u32 core = i / platform.threads;
        if (platform.threads > 1 || platform.nodes > 1)
            out << " core=\"" << core << "\" thread=\"" << i % platform.threads << "\" node=\""
                << core % platform.nodes << "\"";
        out << "/>\n";
    }
    for (u32 node = 0; node < platform.nodes; ++node)
        out << "  <node id=\"" << node << "\"/>\n";
    for (u32 i = 0; i < platform.ram.size(); ++i)
        out << range("ram", platform.ram[i], i % platform.nodes);
    out << "  <device address=\"" << network_card
        << "\" class=\"network\" interrupt=\"17\"><mmio base=\"0x10000000000\" "
           "size=\"128KiB\"/></device>\n";
    out << range("firmware", platform.firmware) << range("staging", platform.staging)
        << "</platform>\n";
    return out.str();
}

std::string to_xml(const std::vector<PartitionText>& partitions) {
    std::ostringstream out;
    out << "<layout name=\"test\" platform=\"platform.xml\">\n";
    if (!partitions.empty() && partitions[0].role != "client")
        for (const char* served :
             {"switch name=\"lan\"", "volume name=\"data\" size=\"1GiB\" shareable=\"yes\" "
                                     "backing=\"file:/srv/data\""})
            out << "  <" << served << " server=\"" << partitions[0].name << "\"/>\n";
    for (const PartitionText& partition : partitions) {
        out << "  <partition name=\"" << partition.name << "\" role=\"" << partition.role
            << "\" activation=\"" << partition.activation << "\">\n"
            << "    <processors mode=\"dedicated\"";
        if (partition.pinned.empty())
            out << " desired=\"" << partition.cpus << "\"";
        if (partition.pinned.empty() && partition.minimum_cpus != 0)
            out << " minimum=\"" << partition.minimum_cpus << "\"";
        out << ">\n";
        for (u32 id : partition.pinned)
            out << "      <cpu apic-id=\"" << id << "\"/>\n";
        out << "    </processors>\n    <memory desired=\"" << partition.memory / kib << "KiB\"";
        if (partition.minimum_memory != 0)
            out << " minimum=\"" << partition.minimum_memory / kib << "KiB\"";
        out << "/>\n"
            << partition.devices
            << (partition.exclusive ? "    <security siblings=\"exclusive\"/>\n" : "")
            << (partition.console ? "    <console/>\n" : "") << "    <boot kind=\"linux\" kernel=\""
            << partition.kernel << "\"";
        if (!partition.initrd.empty())
            out << " initrd=\"" << partition.initrd << "\"";
        out << " command-line=\"" << partition.command_line << "\"/>\n  </partition>\n";
    }
    out << "</layout>\n";
    return out.str();
}

std::filesystem::path write_layout(const std::filesystem::path& folder,
                                   const PlatformText& platform,
                                   const std::vector<PartitionText>& partitions) {
    std::ofstream(folder / "platform.xml") << to_xml(platform);
    std::ofstream(folder / "layout.xml") << to_xml(partitions);
    return folder / "layout.xml";
}

} // namespace cloison::test
