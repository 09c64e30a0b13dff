// SPDX-License-Identifier: Apache-2.0
// The platform file of a described machine: sorted, so that the same machine gives the same text,
// and with a comment wherever something was chosen or is not known.
#include "partitions/describe/extents.hpp"
#include "partitions/describe/machine.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>

namespace cloison::describe {

namespace {

std::string hex(u64 value, int digits) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%0*llx", digits, static_cast<unsigned long long>(value));
    return text;
}

/// A port as data sheets write it: 0x3F8.
std::string port_number(u32 port) {
    char text[16];
    std::snprintf(text, sizeof text, "0x%X", port);
    return text;
}

std::string attribute(const char* name, const std::string& value) {
    return std::string(" ") + name + "=\"" + value + "\"";
}

std::string attribute(const char* name, std::optional<u32> value) {
    return value ? attribute(name, std::to_string(*value)) : "";
}

std::string range(const char* element, const Extent& extent) {
    return std::string("<") + element + attribute("base", hex(extent.base, 8)) +
           attribute("size", xml::format_size(extent.size));
}

/// Text of the machine inside a comment: printable, and without the "--" that would end it.
std::string harmless(std::string_view text) {
    std::string out;
    for (char c : text)
        if (c >= ' ' && c <= '~' && !(c == '-' && out.ends_with('-')))
            out += c;
    return out;
}

class Writer {
  public:
    Writer(const Machine& machine, const std::string& name)
        : machine_(machine),
          name_(name),
          groups_known_(std::any_of(machine.devices.pci.begin(), machine.devices.pci.end(),
                                    [](const Device& device) { return device.iommu_group; })) {}

    std::string text() {
        head();
        processors();
        nodes();
        cache();
        ram();
        regions();
        devices();
        serial();
        out_ += "</platform>\n";
        return std::move(out_);
    }

  private:
    void line(const std::string& text) { out_ += "  " + text + "\n"; }
    void comment(const std::string& text) { out_ += "\n  <!-- " + text + " -->\n"; }

    void head() {
        const Processors& processors = machine_.processors;
        bool gib_pages = processors.features.vmx_flags.contains("ept_1gb");
        out_ += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!--\n  " +
                harmless(processors.features.model) + ", " +
                std::to_string(processors.list.size()) +
                " CPUs.\n  Written by `cloison platform` from what Linux shows of the machine; "
                "docs/platforms.md\n  explains the elements.\n-->\n<platform" +
                attribute("name", name_) + attribute("large-pages-1g", gib_pages ? "yes" : "no") +
                ">\n";
    }

    void processors() {
        comment("By APIC ID. Any may be given to a partition.");
        for (const Processor& p : machine_.processors.list) {
            line("<processor" + attribute("apic-id", p.apic_id) + attribute("package", p.package) +
                 attribute("core", p.core) + attribute("thread", p.thread) +
                 attribute("node", p.node) + "/>" +
                 (p.started ? "" : " <!-- not started by Linux; its place is guessed -->"));
        }
    }

    void nodes() {
        if (machine_.numa.nodes.empty())
            return;
        comment(machine_.numa.linux_numbers
                    ? "NUMA nodes, numbered as Linux does; distances as in the ACPI SLIT."
                    : "NUMA nodes: the proximity domains of the ACPI SRAT, which this Linux "
                      "ignored.");
        for (const Node& node : machine_.numa.nodes) {
            line("<node" + attribute("id", node.id) + ">");
            for (const auto& [to, value] : node.distances)
                line("  <distance" + attribute("to", to) + attribute("value", value) + "/>");
            line("</node>");
        }
    }

    void cache() {
        if (!machine_.cache)
            return;
        const Cache& cache = *machine_.cache;
        comment("One last-level cache, and what resctrl gives out of it.");
        line(std::string("<cache level=\"3\"") + attribute("ways", cache.ways) +
             attribute("classes", cache.classes) +
             (cache.size == 0 ? "" : attribute("size", xml::format_size(cache.size))) + "/>");
    }

    void ram() {
        if (machine_.memory.ram.empty()) {
            comment("No RAM is described, as the memory map could not be read. Run "
                    "`cloison platform` as root.");
            return;
        }
        comment("Usable RAM of /sys/firmware/memmap, in whole pages.");
        if (machine_.memory.left_out != 0)
            comment("The " + std::to_string(machine_.memory.left_out) +
                    " smallest ranges are left out: a platform has 64 at most.");
        for (const RamRange& piece : machine_.memory.ram)
            line(range("ram", piece.extent) + attribute("node", piece.node) + "/>");
    }

    void regions() {
        const Memory& memory = machine_.memory;
        comment("The firmware runs where it is linked, from 2 MiB on. The size is for the worst "
                "layout:\n       a partition for each CPU.");
        line("<firmware base=\"2MiB\"" + attribute("size", xml::format_size(memory.firmware.size)) +
             "/>");
        if (!memory.staging)
            return;
        comment(
            "Boot images: the end of the highest RAM below 4 GiB with room for them; 64 MiB for "
            "each 16 GiB\n       of RAM, up to 512 MiB. Make it larger if `cloison check` says "
            "staging-full.");
        line(range("staging", *memory.staging) + "/>");
    }

    /// 64 where the device is known to reach all RAM.
    [[nodiscard]] std::string dma_bits(const Device& device) const {
        if (!device.dma)
            return "";
        u64 end = machine_.memory.ram.empty() ? ~u64{0} : machine_.memory.ram.back().extent.end();
        bool all = device.dma_bits && *device.dma_bits > 32 &&
                   *device.dma_bits >= static_cast<u32>(std::bit_width(end - 1));
        return attribute("dma-bits", all ? "64" : "32");
    }

    /// Where there is an IOMMU that Linux does not use, nothing is known to be apart.
    [[nodiscard]] std::optional<u32> group(const Device& device) const {
        constexpr u32 together = 0;
        return groups_known_ || !machine_.iommu.value_or(false) ? device.iommu_group
                                                                : std::optional(together);
    }

    void devices() {
        if (machine_.iommu) {
            comment(*machine_.iommu
                        ? "VT-d: the ACPI table DMAR is there."
                        : "There is no ACPI table DMAR, so no VT-d that is switched on.");
            line(std::string("<iommu") + attribute("present", *machine_.iommu ? "yes" : "no") +
                 "/>");
        }
        if (machine_.devices.pci.empty())
            return;
        comment("PCI functions; registers in whole pages, aligned outwards. dma-bits is 64 where a "
                "driver has\n       set a mask that reaches all RAM, interrupt (INTx) there where "
                "Linux has learned it and\n       does not use MSI.");
        if (machine_.iommu.value_or(false) && !groups_known_)
            comment("Linux does not use the IOMMU, so the groups are not known: all are taken for "
                    "one.");
        for (const Device& device : machine_.devices.pci)
            write(device);
    }

    /// A page with registers of two devices goes to the first of them: who owns only the other must
    /// not reach the first one's.
    void write(const Device& device) {
        std::vector<Extent> touched = pages_touched(device.memory);
        std::vector<Extent> pages = subtract(touched, pages_given_);
        pages_given_.insert(pages_given_.end(), pages.begin(), pages.end());
        std::string open =
            "<device" + attribute("address", device.address) +
            attribute("class", std::string(device.kind)) +
            attribute("vendor", hex(device.vendor, 4)) +
            attribute("device", hex(device.device, 4)) + attribute("iommu-group", group(device)) +
            attribute("dma", device.dma ? "yes" : "no") + dma_bits(device) +
            attribute("node", machine_.numa.linux_numbers ? device.node : std::nullopt) +
            attribute("interrupt", device.interrupt);
        if (touched.empty() && device.ports.empty()) {
            line(open + "/>");
            return;
        }
        line(open + ">");
        for (const Extent& extent : pages)
            line("  " + range("mmio", extent) + "/>");
        for (const Extent& extent : subtract(touched, pages))
            line("  <!-- and " + hex(extent.base, 8) + ", " + xml::format_size(extent.size) +
                 ", which a device above has registers in too -->");
        for (const Ports& ports : device.ports)
            line("  <ports" + attribute("base", port_number(ports.base)) +
                 attribute("count", ports.count) + "/>");
        line("</device>");
    }

    void serial() {
        if (machine_.devices.serial.empty())
            return;
        comment("Serial ports. The firmware takes the one at 0x3F8.");
        for (const Serial& serial : machine_.devices.serial)
            line("<serial" + attribute("port", port_number(serial.port)) +
                 attribute("interrupt", serial.interrupt) + "/>");
    }

    const Machine& machine_;
    const std::string& name_;
    bool groups_known_;
    std::vector<Extent> pages_given_; // to devices already written
    std::string out_;
};

} // namespace

std::string to_xml(const Machine& machine, const std::string& name) {
    return Writer(machine, name).text();
}

} // namespace cloison::describe
