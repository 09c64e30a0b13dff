// SPDX-License-Identifier: Apache-2.0
// Holds what a manifest says of disks, networks and consoles against the texts that it was made of.
#pragma once

#include "firmware/abi/server_map.hpp"
#include "partitions/compile.hpp"
#include "tests/unit/partitions/layout_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cloison::test {

/// What a server has on its bus, with nothing taken for granted.
struct Bus {
    std::vector<u32> slots, clients;
    std::vector<Extent> places;

    void device(u32 slot, const abi::DeviceRecord& device) {
        slots.push_back(slot);
        EXPECT_EQ(device.interrupt, 17u);
    }
    void mmio(const abi::ResourceRecord& registers, u64 guest) {
        places.push_back({guest, registers.size});
    }
    void management(u32 slot, const Extent& manifest) {
        slots.push_back(slot);
        places.push_back(manifest);
    }
    void adapter(const abi::AdapterPlace& place) {
        slots.push_back(place.slot);
        clients.push_back(place.client);
        EXPECT_NE(place.pin, 17u) << "that of the device, for partitions with one";
        for (const Extent& bar : {place.doorbell, place.record, place.memory}) {
            EXPECT_EQ(bar.base % bar.size, 0u);
            places.push_back(bar);
        }
    }
};

inline usize count(const std::string& text, const std::string& word) {
    usize found = 0;
    for (usize at = 0; (at = text.find(word, at)) != std::string::npos; ++at)
        ++found;
    return found;
}

/// Every client finds its functions on its bus, the server every client on its own.
inline void expect_served(const CompiledLayout& compiled,
                          const std::vector<PartitionText>& wanted) {
    auto manifest = abi::open_manifest(compiled.manifest);
    ASSERT_TRUE(manifest);
    std::vector<u32> clients;
    for (u32 i = 0; i < wanted.size(); ++i) {
        const std::string& devices = wanted[i].devices;
        usize functions = count(devices, "<disk") + count(devices, "<network") +
                          (count(devices, "virtio") != 0 ? 1 : 0);
        EXPECT_EQ(abi::functions_of(*manifest, i).size(), functions);
        if (functions != 0)
            clients.push_back(i);
    }
    if (wanted[0].role == "client") {
        EXPECT_TRUE(clients.empty());
        return;
    }
    Bus bus;
    ASSERT_TRUE(abi::visit_server(*manifest, 0, bus));
    EXPECT_EQ(bus.clients, clients);
    for (usize i = 0; i < bus.slots.size(); ++i)
        EXPECT_EQ(bus.slots[i], i + 1);
    for (usize i = 0; i < bus.places.size(); ++i) {
        EXPECT_TRUE(guest_map::pci_window.contains(bus.places[i]) ||
                    guest_map::server_window.contains(bus.places[i]));
        for (usize j = 0; j < i; ++j)
            EXPECT_FALSE(bus.places[i].overlaps(bus.places[j]));
    }
    EXPECT_EQ(manifest->services.size(), 1u);
}

} // namespace cloison::test
