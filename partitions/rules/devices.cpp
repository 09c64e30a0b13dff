// SPDX-License-Identifier: Apache-2.0
#include "firmware/abi/verify_devices.hpp"
#include "partitions/rules/rules.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace cloison {

namespace {

using xml::format_pci;
using xml::quote;

struct Owner {
    const LayoutPartition* partition;
    const OwnedDevice* device;
};

/// Names a device for people: its address, and what the platform says it is.
std::string name_of(u32 address) {
    return "device " + format_pci(address);
}

class Check {
  public:
    Check(const Layout& layout, const Platform& platform, Diagnostics& findings)
        : layout_(layout),
          platform_(platform),
          findings_(findings) {
        for (const PlatformDevice& device : platform.devices)
            known_.emplace(device.address, &device);
    }

    void run() {
        for (const LayoutPartition& partition : layout_.partitions)
            for (const OwnedDevice& owned : partition.devices)
                own(partition, owned);
        for (const auto& [address, owner] : owners_) {
            check_dma(*known_.at(address), owner);
            check_group(*known_.at(address), owner);
            check_interrupt(*known_.at(address), owner);
            check_resources(*known_.at(address), owner);
        }
        check_serials();
    }

  private:
    void own(const LayoutPartition& partition, const OwnedDevice& owned) {
        if (!known_.contains(owned.address)) {
            findings_.error(owned.where, "device-unknown",
                            "platform " + quote(platform_.name) + " has no " +
                                name_of(owned.address),
                            "name one of its <device/> elements");
            return;
        }
        auto [first, fresh] = owners_.emplace(owned.address, Owner{&partition, &owned});
        if (!fresh)
            findings_.error(owned.where, "device-double-use",
                            name_of(owned.address) + " is given twice, first to " +
                                quote(first->second.partition->name) + " in line " +
                                std::to_string(first->second.device->where.line),
                            "a physical device has one owner; the I/O server shares it");
    }

    void check_dma(const PlatformDevice& device, const Owner& owner) {
        if (!device.dma || platform_.iommu)
            return;
        if (owner.partition->role != abi::Role::control)
            findings_.error(owner.device->where, "dma-without-iommu",
                            name_of(device.address) +
                                " accesses memory by itself, and nothing "
                                "keeps it to that of " +
                                quote(owner.partition->name),
                            "give it to the control partition, or use a platform with an IOMMU");
        else if (warned_.insert(owner.partition).second)
            findings_.warning(owner.device->where, "control-identity-map",
                              "without an IOMMU " + quote(owner.partition->name) +
                                  " is mapped to the machine's own addresses, and its devices "
                                  "reach all memory: it must be trusted with every partition",
                              "use a platform with an IOMMU where that is not so");
    }

    /// Devices of one IOMMU group reach each other past the IOMMU.
    void check_group(const PlatformDevice& device, const Owner& owner) {
        if (!device.iommu_group)
            return;
        auto [first, fresh] = groups_.emplace(*device.iommu_group, owner);
        if (!fresh && first->second.partition != owner.partition)
            findings_.error(owner.device->where, "iommu-group-split",
                            name_of(device.address) + " and " +
                                name_of(first->second.device->address) + " of " +
                                quote(first->second.partition->name) +
                                " are in one IOMMU group, which cannot be divided",
                            "give both to one partition");
    }

    /// A level-triggered pin that two partitions share would let one hold the other's.
    void check_interrupt(const PlatformDevice& device, const Owner& owner) {
        if (!device.interrupt)
            return;
        auto [first, fresh] = interrupts_.emplace(*device.interrupt, owner);
        if (!fresh && first->second.partition != owner.partition)
            findings_.error(owner.device->where, "interrupt-split",
                            name_of(device.address) + " and " +
                                name_of(first->second.device->address) + " of " +
                                quote(first->second.partition->name) + " share interrupt " +
                                std::to_string(*device.interrupt),
                            "give both to one partition");
    }

    /// What the firmware uses itself, or no partition could be mapped to.
    void check_resources(const PlatformDevice& device, const Owner& owner) {
        constexpr Extent mappable{0, abi::detail::guest_address_end};
        std::string name = name_of(device.address);
        for (const PlatformRange& mmio : device.mmio)
            if (!mappable.contains(mmio.extent))
                findings_.error(owner.device->where, "device-firmware",
                                name + " has registers above 256TiB, where no guest reaches them",
                                "let the machine's setup place them lower");
            else
                check_free(name, "registers", mmio.extent, abi::firmware_mmio, owner.device->where);
        for (const PortRange& ports : device.ports)
            check_free(name, "ports", {ports.base, ports.count}, abi::firmware_ports,
                       owner.device->where);
        if (device.interrupt)
            check_pin(name, *device.interrupt, owner.device->where);
    }

    /// A partition has the machine's interrupt at the same pin of its own I/O APIC.
    void check_pin(const std::string& name, u32 interrupt, const Location& where) {
        auto is_it = [&](const Extent& own) { return own.contains(interrupt); };
        bool taken =
            std::any_of(abi::firmware_interrupts.begin(), abi::firmware_interrupts.end(), is_it);
        if (taken || interrupt >= guest_map::ioapic_pins)
            findings_.error(where, "device-firmware",
                            name + " has interrupt " + std::to_string(interrupt) +
                                (taken ? ", where the PC that every partition sees has a device of "
                                         "its own"
                                       : ", and a partition has those up to " +
                                             std::to_string(guest_map::ioapic_pins - 1)),
                            "it cannot be given to a partition: name another one");
    }

    void check_free(const std::string& name, const char* what, const Extent& extent,
                    std::span<const Extent> firmware, const Location& where) {
        auto clash = std::find_if(firmware.begin(), firmware.end(),
                                  [&](const Extent& own) { return own.overlaps(extent); });
        if (clash != firmware.end())
            findings_.error(where, "device-firmware",
                            name + " has " + what + " from " + xml::format_hex(extent.base) +
                                " that the firmware uses itself",
                            "it cannot be given to a partition: name another one");
    }

    void check_serials() {
        std::map<u32, const LayoutPartition*> owners;
        for (const LayoutPartition& partition : layout_.partitions) {
            for (const OwnedSerial& owned : partition.serials) {
                std::string name = "the serial port at " + xml::format_hex(owned.port);
                const PlatformSerial* known = platform_.serial(owned.port);
                if (known == nullptr) {
                    findings_.error(owned.where, "device-unknown",
                                    "the platform does not have " + name,
                                    "name one of its <serial/> elements");
                    continue;
                }
                auto [first, fresh] = owners.emplace(owned.port, &partition);
                if (!fresh)
                    findings_.error(owned.where, "device-double-use",
                                    name + " is given twice, first to " +
                                        quote(first->second->name));
                check_free(name, "ports", {owned.port, uart_ports}, abi::firmware_ports,
                           owned.where);
                check_pin(name, known->interrupt, owned.where);
            }
        }
    }

    const Layout& layout_;
    const Platform& platform_;
    Diagnostics& findings_;
    std::map<u32, const PlatformDevice*> known_;
    std::map<u32, Owner> owners_, groups_, interrupts_;
    std::set<const LayoutPartition*> warned_; // of its identity map
};

} // namespace

void check_owned_devices(const Layout& layout, const Platform& platform, Diagnostics& findings) {
    Check(layout, platform, findings).run();
}

} // namespace cloison
