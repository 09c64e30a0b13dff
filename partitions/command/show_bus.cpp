// SPDX-License-Identifier: Apache-2.0
#include "partitions/command/show_bus.hpp"
#include "firmware/abi/server_map.hpp"
#include "partitions/xml/values.hpp"

#include <linux/virtio_ids.h>

namespace cloison::command {

namespace {

/// Collects what a server has beside virtio functions.
struct ServerBus {
    const CompiledLayout& compiled;
    std::vector<BusEntry>& entries;

    void device(u32 slot, const abi::DeviceRecord& device) {
        std::optional<u32> pin;
        if (device.interrupt != abi::no_interrupt)
            pin = device.interrupt;
        entries.push_back({slot, xml::format_pci(device.address), pin, {}});
    }
    void mmio(const abi::ResourceRecord& registers, u64 guest) {
        entries.push_back({std::nullopt,
                           "registers at the machine's " + xml::format_hex(registers.base),
                           std::nullopt,
                           {{"registers", {guest, registers.size}}}});
    }
    void management(u32 slot, const Extent& manifest) {
        entries.push_back({slot, "management", std::nullopt, {{"manifest", manifest}}});
    }
    void adapter(const abi::AdapterPlace& place) {
        entries.push_back(
            {place.slot,
             "adapter of " + compiled.layout.partitions[place.client].name,
             place.pin,
             {{"doorbell", place.doorbell}, {"record", place.record}, {"memory", place.memory}}});
    }
};

std::string name_of(const PlannedFunction& function, const CompiledLayout& compiled) {
    const char* kind = function.device_id == VIRTIO_ID_BLOCK ? "virtio-blk"
                       : function.device_id == VIRTIO_ID_NET ? "virtio-net"
                                                             : "virtio-console";
    return std::string(kind) + " of " + compiled.layout.partitions[function.server].name + ", " +
           std::to_string(function.queue_sizes.size()) +
           (function.queue_sizes.size() == 1 ? " queue" : " queues");
}

} // namespace

std::vector<BusEntry> bus_of(const CompiledLayout& compiled, u32 index) {
    std::vector<BusEntry> entries;
    auto manifest = abi::open_manifest(compiled.manifest);
    if (!manifest)
        return entries;
    if (abi::is_server(manifest->partitions[index].role))
        abi::visit_server(*manifest, index, ServerBus{compiled, entries});
    for (const PlannedFunction& function : compiled.plan.partitions[index].functions) {
        u32 slot = entries.empty() ? 1 : *entries.back().slot + 1;
        entries.push_back({slot, name_of(function, compiled), std::nullopt, {}});
    }
    return entries;
}

} // namespace cloison::command
