// SPDX-License-Identifier: Apache-2.0
#include "firmware/abi/manifest.hpp"
#include "partitions/platform/check.hpp"
#include "partitions/platform/memory_map.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>
#include <map>

namespace cloison {

namespace {

/// A stretch of addresses or ports, and whose it is.
struct Claim {
    Extent extent;
    Location where;
    std::string owner;
};

void check_apart(std::vector<Claim> claims, std::string_view rule, const char* what,
                 Diagnostics& findings) {
    std::stable_sort(claims.begin(), claims.end(),
                     [](const Claim& a, const Claim& b) { return a.extent.base < b.extent.base; });
    const Claim* furthest = nullptr;
    for (const Claim& claim : claims) {
        if (furthest != nullptr && furthest->extent.overlaps(claim.extent))
            findings.error(claim.where, rule,
                           std::string(what) + " of " + claim.owner + " overlap those of " +
                               furthest->owner + " in line " +
                               std::to_string(furthest->where.line));
        if (furthest == nullptr || claim.extent.end() > furthest->extent.end())
            furthest = &claim;
    }
}

std::string name_of(const PlatformDevice& device) {
    return "device " + xml::format_pci(device.address);
}

void check_addresses(const Platform& platform, Diagnostics& findings) {
    std::map<u32, int> lines;
    for (const PlatformDevice& device : platform.devices) {
        auto [first, fresh] = lines.emplace(device.address, device.where.line);
        if (!fresh)
            findings.error(device.where, "device-duplicate",
                           "a second " + name_of(device) + ", the first is in line " +
                               std::to_string(first->second));
    }
}

void check_count(const Platform& platform, Diagnostics& findings) {
    usize resources = 2 * platform.serials.size();
    for (const PlatformDevice& device : platform.devices)
        resources += device.mmio.size() + device.ports.size() + 1;
    if (platform.devices.size() > abi::max_devices || resources > abi::max_resources)
        findings.error(platform.where, "device-count",
                       "more than " + std::to_string(abi::max_devices) + " devices, or more than " +
                           std::to_string(abi::max_resources) + " ranges of theirs",
                       "list those that partitions are to own");
}

void check_mmio(const Platform& platform, Diagnostics& findings) {
    std::vector<Claim> claims;
    std::vector<Extent> ram = usable_ram(platform);
    for (const PlatformDevice& device : platform.devices) {
        for (const PlatformRange& range : device.mmio) {
            auto clash = std::find_if(ram.begin(), ram.end(), [&](const Extent& extent) {
                return extent.overlaps(range.extent);
            });
            if (clash != ram.end())
                findings.error(range.where, "mmio-range",
                               "registers of " + name_of(device) + " overlap the RAM from " +
                                   xml::format_hex(clash->base));
            claims.push_back({range.extent, range.where, name_of(device)});
        }
    }
    check_apart(std::move(claims), "mmio-range", "registers", findings);
}

void check_ports(const Platform& platform, Diagnostics& findings) {
    std::vector<Claim> claims;
    for (const PlatformDevice& device : platform.devices)
        for (const PortRange& range : device.ports)
            claims.push_back({{range.base, range.count}, range.where, name_of(device)});
    for (const PlatformSerial& serial : platform.serials)
        claims.push_back({{serial.port, uart_ports},
                          serial.where,
                          "the serial port at " + xml::format_hex(serial.port)});
    check_apart(std::move(claims), "port-range", "ports", findings);
}

/// A UART's interrupt is an edge on the ISA bus, which nobody shares.
void check_interrupts(const Platform& platform, Diagnostics& findings) {
    for (const PlatformSerial& serial : platform.serials)
        for (const PlatformDevice& device : platform.devices)
            if (device.interrupt == serial.interrupt)
                findings.error(serial.where, "interrupt-range",
                               "interrupt " + std::to_string(serial.interrupt) +
                                   " of the serial port is that of " + name_of(device) +
                                   " in line " + std::to_string(device.where.line) + " too");
}

} // namespace

void check_devices(const Platform& platform, Diagnostics& findings) {
    check_count(platform, findings);
    check_addresses(platform, findings);
    check_mmio(platform, findings);
    check_ports(platform, findings);
    check_interrupts(platform, findings);
}

} // namespace cloison
