// SPDX-License-Identifier: Apache-2.0
#include "ioserver/devices/net/mac_table.hpp"

namespace cloison::io {

u32 MacTable::bucket(u16 vlan, const MacAddress& mac) {
    u32 hash = 2166136261u ^ vlan; // FNV-1a
    for (u8 byte : mac)
        hash = (hash ^ byte) * 16777619u;
    return (hash ^ hash >> 16) % (entries / ways) * ways;
}

void MacTable::release(Entry& entry) {
    if (entry.used)
        --counts_[entry.port];
    entry.used = false;
}

void MacTable::expire(u32 port, u64 now) {
    for (Entry& entry : table_)
        if (entry.port == port && entry.used && !alive(entry, now))
            release(entry);
}

void MacTable::learn(u16 vlan, const MacAddress& mac, u32 port, u64 now) {
    auto ways_of = std::span(table_).subspan(bucket(vlan, mac), ways);
    Entry* place = nullptr; // the address, else a free entry
    for (Entry& entry : ways_of) {
        if (entry.used && entry.vlan == vlan && entry.mac == mac) {
            place = &entry;
            break;
        }
        if (place == nullptr && !alive(entry, now))
            place = &entry;
    }
    bool stays = place != nullptr && place->used && place->port == port;
    if (counts_[port] >= most_of_one_port && !stays)
        expire(port, now);
    if (place == nullptr || (counts_[port] >= most_of_one_port && !stays))
        return; // not learned: its frames are flooded
    release(*place);
    *place = {mac, vlan, port, now, true};
    ++counts_[port];
}

std::optional<u32> MacTable::find(u16 vlan, const MacAddress& mac, u64 now) const {
    for (const Entry& entry : std::span(table_).subspan(bucket(vlan, mac), ways))
        if (alive(entry, now) && entry.vlan == vlan && entry.mac == mac)
            return entry.port;
    return std::nullopt;
}

void MacTable::forget(u32 port) {
    for (Entry& entry : table_)
        if (entry.used && entry.port == port)
            release(entry);
}

} // namespace cloison::io
