// SPDX-License-Identifier: Apache-2.0
// The rules about what servers serve: each virtio function is sound and has a server, a client has
// one server at most, and a server has slots and addresses for all that it is to see.
//
// The functions come in the partitions' order, so that a partition's are together: one look at each
// and at the one before it is enough.
#pragma once

#include "firmware/abi/rules.hpp"
#include "firmware/abi/server_map.hpp"

namespace cloison::abi::detail {

constexpr bool text_inside(const ManifestView& m, const Table& text) {
    return m.bytes_of(text).size() == text.count;
}

/// A driver can use it; its configuration lies in the manifest, and behind its last queue is 0.
constexpr bool function_sound(const ManifestView& m, const FunctionRecord& f) {
    auto zero = [](u16 size) { return size == 0; };
    return f.queues <= max_virtqueues && is_sound(m.config_of(f)) &&
           m.bytes_of(f.config).size() == f.config.count &&
           std::all_of(f.queue_sizes.begin() + f.queues, f.queue_sizes.end(), zero);
}

/// Runs in the partitions' order, each function sound, its server another partition that serves,
/// and the same for all functions of a partition.
constexpr Verdict check_functions(const ManifestView& m) {
    u32 slots = 0; // of the partition that is looked at
    for (u32 i = 0; i < m.functions.size(); ++i) {
        const FunctionRecord& f = m.functions[i];
        const FunctionRecord* previous = i > 0 ? &m.functions[i - 1] : nullptr;
        if (f.partition >= m.partitions.size() || !text_inside(m, f.service) ||
            (previous != nullptr && f.partition < previous->partition))
            return {Rule::manifest_format, i};
        if (!function_sound(m, f))
            return {Rule::function_unsound, i};
        if (f.server >= m.partitions.size() || f.server == f.partition ||
            !is_server(m.partitions[f.server].role))
            return {Rule::function_server, i};
        bool same_client = previous != nullptr && f.partition == previous->partition;
        if (same_client && f.server != previous->server)
            return {Rule::function_server, i - 1, i};
        slots = same_client ? slots + 1 : 1;
        if (slots > max_virtio_functions)
            return {Rule::function_count, f.partition};
    }
    return {};
}

/// In the servers' order.
constexpr Verdict check_services(const ManifestView& m) {
    for (u32 i = 0; i < m.services.size(); ++i) {
        const ServiceRecord& service = m.services[i];
        bool ascending = i == 0 || m.services[i - 1].server <= service.server;
        if (service.server >= m.partitions.size() || !text_inside(m, service.text) ||
            service.reserved != 0 || !ascending || !is_server(m.partitions[service.server].role))
            return {Rule::manifest_format, i};
    }
    return {};
}

/// Counts the slots that a server takes of its bus.
struct SlotCounter : ServerVisitor {
    u32 last = 0; // slot 0 is the host bridge's

    constexpr void device(u32 slot, const DeviceRecord&) { last = slot; }
    constexpr void management(u32 slot, const Extent&) { last = slot; }
    constexpr void adapter(const AdapterPlace& place) { last = place.slot; }
};

/// Each server's bus and windows hold its devices, its clients and what it is served with itself,
/// and its memory ends below its clients'. Servers are few: each looks at all functions.
constexpr Verdict check_servers(const ManifestView& m) {
    for (u32 p = 0; p < m.partitions.size(); ++p) {
        if (!is_server(m.partitions[p].role))
            continue;
        if (memory_end(m.memory_of(m.partitions[p])) > guest_map::server_window.base)
            return {Rule::server_memory, p};
        SlotCounter slots;
        if (!visit_server(m, p, slots) || slots.last + functions_of(m, p).size() >= bus_slots)
            return {Rule::server_slots, p};
    }
    return {};
}

} // namespace cloison::abi::detail
