// SPDX-License-Identifier: Apache-2.0
#include "partitions/describe/devices.hpp"

#include "partitions/describe/error.hpp"
#include "partitions/describe/extents.hpp"
#include "partitions/describe/values.hpp"

#include <algorithm>
#include <cctype>
#include <linux/pci_regs.h>

namespace cloison::describe {

namespace {

constexpr const char* pci_folder = "/sys/bus/pci/devices";
constexpr usize most_devices = 4096;
constexpr u64 most_port = 0xFFFF;

/// "0000:00:1f.2": domain, bus, slot, function in hexadecimal.
bool is_pci_address(std::string_view name) {
    constexpr std::string_view pattern = "xxxx:xx:xx.x";
    return name.size() == pattern.size() &&
           std::equal(name.begin(), name.end(), pattern.begin(), [](char c, char p) {
               return p == 'x' ? std::isxdigit(static_cast<unsigned char>(c)) != 0 : c == p;
           });
}

// --- class codes: base class, subclass, programming interface (PCI Code and ID Assignment 1.11)
// ---

std::string_view kind_of(u32 class_code) {
    switch (class_code >> 8) {
    case 0x0101:
        return "ide";
    case 0x0106:
        return "sata";
    case 0x0108:
        return "nvme";
    case 0x0700:
        return "serial";
    case 0x0C03:
        return "usb";
    default:
        break;
    }
    switch (class_code >> 16) {
    case 0x01:
        return "disk-controller";
    case 0x02:
        return "network";
    case 0x03:
        return "display";
    case 0x06:
        return "bridge";
    default:
        return "other";
    }
}

/// False for classes that never master the bus: host and PCI bridges on their own account, 16550
/// UARTs, IDE controllers that do not announce it. An ISA bridge may carry the 8237's transfers.
bool may_do_dma(u32 class_code) {
    constexpr u32 ide_bus_master = 0x80;
    switch (class_code >> 8) {
    case 0x0101:
        return (class_code & ide_bus_master) != 0;
    case 0x0600:
    case 0x0604:
    case 0x0700:
        return false;
    default:
        return true;
    }
}

// --- resources: a line "start end flags" for each (Documentation/PCI/sysfs-pci.rst) ---

// Flags of Linux's struct resource, which no header of the user space has.
constexpr u64 is_io = 0x100, is_memory = 0x200, disabled = 0x1000'0000, not_placed = 0x2000'0000;

void add_resource(Device& device, std::string_view line, const std::string& file) {
    auto fields = words(line);
    std::optional<u64> start, last, flags;
    if (fields.size() == 3) {
        start = parse_number(fields[0], ~u64{0});
        last = parse_number(fields[1], ~u64{0});
        flags = parse_number(fields[2], ~u64{0});
    }
    if (!start || !last || !flags)
        throw DescribeError(file + ": " + shown(line) + " is not a resource");
    if ((*flags & (is_io | is_memory)) == 0 || (*flags & (disabled | not_placed)) != 0)
        return;
    u64 most = (*flags & is_io) != 0 ? most_port : address_space - 1;
    if (*last < *start || *last > most)
        throw DescribeError(file + ": " + shown(line) + " is no range of addresses");
    if ((*flags & is_io) != 0)
        device.ports.push_back({static_cast<u32>(*start), static_cast<u32>(*last - *start + 1)});
    else
        device.memory.push_back({*start, *last - *start + 1});
}

/// The BARs. What is behind them in the file is decoded on demand (ROM, SR-IOV) or belongs to the
/// devices behind a bridge (its windows).
void read_resources(const Tree& tree, const std::string& folder, Device& device) {
    auto text = tree.read(folder + "/resource");
    if (!text)
        return;
    auto all = lines(*text);
    for (usize i = 0; i < std::min<usize>(all.size(), PCI_STD_NUM_BARS); ++i)
        add_resource(device, all[i], tree.name(folder + "/resource"));
    std::sort(device.memory.begin(), device.memory.end(),
              [](const Extent& a, const Extent& b) { return a.base < b.base; });
    std::sort(device.ports.begin(), device.ports.end(),
              [](const Ports& a, const Ports& b) { return a.base < b.base; });
}

// --- interrupts ---

/// True for an IDE controller whose first channel is where the first PC had it, with IRQ 14 instead
/// of a pin (PCI IDE Controller Specification 1.0, 2.1).
bool in_compatibility_mode(u32 class_code) {
    constexpr u32 first_channel_native = 1;
    return class_code >> 8 == 0x0101 && (class_code & first_channel_native) == 0;
}

/// First number of Linux that is no longer a pin of the first I/O APIC; it numbers the pins of
/// others, and a few odd ones of the first, as it likes.
u32 end_of_first_io_apic(const Madt& madt) {
    constexpr u32 usual = 24; // pins, where the tables do not tell the next one's first
    if (madt.gsi_bases.size() < 2)
        return usual;
    auto bases = madt.gsi_bases;
    std::sort(bases.begin(), bases.end());
    return bases[1];
}

/// The GSI of INTx where Linux's number for it can be trusted: it has learned it only once the
/// device was enabled, and shows another number while MSI is in use.
std::optional<u32> interrupt_of(const Tree& tree, const std::string& folder, const Madt& madt) {
    auto config = tree.read(folder + "/config");
    bool no_pin = config && config->size() > PCI_INTERRUPT_PIN && (*config)[PCI_INTERRUPT_PIN] == 0;
    if (no_pin || number_in(tree, folder + "/enable", ~u64{0} >> 1).value_or(0) == 0 ||
        !tree.list(folder + "/msi_irqs").empty())
        return std::nullopt;
    auto irq = id_in(tree, folder + "/irq");
    return irq && *irq != 0 && *irq < end_of_first_io_apic(madt) ? irq : std::nullopt;
}

Device read_device(const Tree& tree, const std::string& address, const Madt& madt) {
    std::string folder = std::string(pci_folder) + "/" + address;
    auto needed = [&](const char* file, u64 most) {
        auto value = number_in(tree, folder + file, most);
        if (!value)
            throw DescribeError(tree.name(folder + file) + ": cannot be read");
        return static_cast<u32>(*value);
    };
    u32 class_code = needed("/class", 0xFF'FFFF);
    Device device;
    device.address = address;
    device.kind = kind_of(class_code);
    device.vendor = needed("/vendor", 0xFFFF);
    device.device = needed("/device", 0xFFFF);
    device.dma = may_do_dma(class_code);
    // Without a driver the mask is the 32 bits that every device starts with.
    if (tree.has(folder + "/driver"))
        if (auto bits = number_in(tree, folder + "/dma_mask_bits", 64))
            device.dma_bits = static_cast<u32>(*bits);
    device.iommu_group = number_of(tree.link_name(folder + "/iommu_group"), "");
    device.node = id_in(tree, folder + "/numa_node");
    constexpr u32 first_ide_channel = 14;
    device.interrupt = in_compatibility_mode(class_code) ? std::optional(first_ide_channel)
                                                         : interrupt_of(tree, folder, madt);
    read_resources(tree, folder, device);
    return device;
}

// --- serial ports ---

struct Standard {
    u32 port, interrupt;
};
constexpr Standard standard_ports[] = {{0x3F8, 4}, {0x2F8, 3}, {0x3E8, 4}, {0x2E8, 3}};

/// Interrupt of the ttyS at the port, where Linux shows it; else the one that every PC has there.
u32 serial_interrupt(const Tree& tree, const Standard& standard, const Madt& madt) {
    for (const std::string& name : tree.list("/sys/class/tty")) {
        if (!name.starts_with("ttyS"))
            continue;
        std::string folder = "/sys/class/tty/" + name;
        auto port = tree.read(folder + "/port"); // "0x3F8"
        auto irq = id_in(tree, folder + "/irq");
        if (port && irq && *irq != 0 && *irq < end_of_first_io_apic(madt) &&
            parse_number(trim(*port), most_port) == standard.port)
            return *irq;
    }
    return standard.interrupt;
}

/// Lines "03f8-03ff : serial" of /proc/ioports; to others than root all addresses are 0.
void read_serial(const Tree& tree, const Madt& madt, Devices& devices) {
    auto text = tree.read("/proc/ioports");
    if (!text)
        return;
    for (std::string_view line : lines(*text)) {
        usize dash = line.find('-'), colon = line.find(" : ");
        if (dash == std::string_view::npos || colon == std::string_view::npos || colon < dash)
            continue;
        auto first = parse_hex(trim(line.substr(0, dash)), most_port);
        auto last = parse_hex(trim(line.substr(dash + 1, colon - dash - 1)), most_port);
        devices.serial_known |= last.value_or(0) != 0;
        if (!line.substr(colon + 3).starts_with("serial"))
            continue;
        for (const Standard& standard : standard_ports)
            if (first == standard.port)
                devices.serial.push_back({standard.port, serial_interrupt(tree, standard, madt)});
    }
}

} // namespace

Devices read_devices(const Tree& tree, const Madt& madt) {
    Devices devices;
    for (const std::string& address : tree.list(pci_folder)) {
        if (!is_pci_address(address)) // domains of more digits are virtual ones, of hypervisors
            continue;
        if (devices.pci.size() == most_devices)
            throw DescribeError(tree.name(pci_folder) + ": has more than " +
                                std::to_string(most_devices) + " devices");
        devices.pci.push_back(read_device(tree, address, madt));
    }
    std::sort(devices.pci.begin(), devices.pci.end(),
              [](const Device& a, const Device& b) { return a.address < b.address; });
    read_serial(tree, madt, devices);
    return devices;
}

} // namespace cloison::describe
