// SPDX-License-Identifier: Apache-2.0
#include "firmware/abi/crc32.hpp"
#include "partitions/plan/shares.hpp"
#include "partitions/xml/values.hpp"

#include <map>

namespace cloison {

namespace {

constexpr u64 group_bit = u64{1} << 40; // IEEE 802, 8.2: the first byte's lowest bit
constexpr u64 local_bit = u64{1} << 41;

using Ports = std::map<u64, const Network*>; // by Ethernet address

void check_given(const Network& network, Ports& ports, Diagnostics& findings) {
    u64 mac = *network.mac;
    if ((mac & group_bit) != 0 || mac == 0) {
        findings.error(network.where, "mac-address",
                       xml::format_mac(mac) + " is not the address of one station",
                       "the first byte is even, and not all are 0");
        return;
    }
    auto [first, fresh] = ports.emplace(mac, &network);
    if (!fresh)
        findings.error(network.where, "mac-duplicate",
                       xml::format_mac(mac) + " is the address of the network in line " +
                           std::to_string(first->second->where.line) + " too",
                       "change one, or leave it out");
}

/// A locally administered address that depends on names alone, so that guests keep it from build to
/// build and machine to machine.
u64 make_mac(const std::string& layout, const std::string& partition, usize index, u32 attempt) {
    std::string name =
        layout + "/" + partition + "/" + std::to_string(index) + "/" + std::to_string(attempt);
    std::span<const u8> bytes(reinterpret_cast<const u8*>(name.data()), name.size());
    u64 low = abi::crc32c(bytes);
    u64 high = abi::crc32(bytes) & 0xFF;
    return local_bit | high << 32 | low;
}

} // namespace

void plan_macs(const Layout& layout, Plan& plan, Diagnostics& findings) {
    Ports ports;
    for (const LayoutPartition& partition : layout.partitions)
        for (const Network& network : partition.networks)
            if (network.mac)
                check_given(network, ports, findings);
    for (usize i = 0; i < layout.partitions.size(); ++i) {
        const LayoutPartition& partition = layout.partitions[i];
        for (usize n = 0; n < partition.networks.size(); ++n) {
            const Network& network = partition.networks[n];
            u64 mac = network.mac.value_or(0);
            for (u32 attempt = 0; !network.mac && mac == 0; ++attempt) {
                u64 made = make_mac(layout.name, partition.name, n, attempt);
                if (ports.emplace(made, &network).second)
                    mac = made;
            }
            plan.partitions[i].macs.push_back(mac);
        }
    }
}

} // namespace cloison
