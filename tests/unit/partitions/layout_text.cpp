// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/partitions/layout_text.hpp"

#include <fstream>
#include <sstream>

namespace cloison::test {

namespace {

std::string range(const char* element, const Extent& extent) {
    std::ostringstream out;
    out << "  <" << element << " base=\"0x" << std::hex << extent.base << std::dec << "\" size=\""
        << extent.size / kib << "KiB\"/>\n";
    return out.str();
}

} // namespace

std::string to_xml(const PlatformText& platform) {
    std::ostringstream out;
    out << "<platform name=\"test\" large-pages-1g=\"" << (platform.large_pages_1g ? "yes" : "no")
        << "\">\n";
    for (u32 id : platform.apic_ids)
        out << "  <processor apic-id=\"" << id << "\"/>\n";
    for (const Extent& ram : platform.ram)
        out << range("ram", ram);
    out << range("firmware", platform.firmware) << range("staging", platform.staging)
        << "</platform>\n";
    return out.str();
}

std::string to_xml(const std::vector<PartitionText>& partitions) {
    std::ostringstream out;
    out << "<layout name=\"test\" platform=\"platform.xml\">\n";
    for (const PartitionText& partition : partitions) {
        out << "  <partition name=\"" << partition.name << "\" role=\"client\">\n"
            << "    <processors mode=\"dedicated\"";
        if (partition.pinned.empty())
            out << " desired=\"" << partition.cpus << "\"";
        out << ">\n";
        for (u32 id : partition.pinned)
            out << "      <cpu apic-id=\"" << id << "\"/>\n";
        out << "    </processors>\n    <memory desired=\"" << partition.memory / kib << "KiB\"/>\n"
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
