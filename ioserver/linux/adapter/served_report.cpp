// SPDX-License-Identifier: Apache-2.0
// What can be asked of what is served, and told to it.
#include "ioserver/linux/adapter/served.hpp"

#include <algorithm>
#include <sstream>

namespace cloison::io::adapter {

namespace {

void write_port(std::ostream& out, const PortStatistics& port) {
    out << " frames-in=" << port.frames_in << " bytes-in=" << port.bytes_in
        << " frames-out=" << port.frames_out << " bytes-out=" << port.bytes_out
        << " flooded=" << port.flooded << " refused=" << port.refused
        << " over-limit=" << port.over_limit << " dropped=" << port.dropped_out << "\n";
}

void write_disk(std::ostream& out, const BlockStatistics& disk) {
    out << " reads=" << disk.reads << " read-bytes=" << disk.read_bytes << " writes=" << disk.writes
        << " written-bytes=" << disk.written_bytes << " flushes=" << disk.flushes
        << " discards=" << disk.discards << " errors=" << disk.errors << "\n";
}

} // namespace

std::vector<std::string> Served::console_names() const {
    std::vector<std::string> names;
    for (const auto& device : consoles_)
        for (u32 port = 0; port < device->ports(); ++port)
            names.push_back(device->name(port));
    return names;
}

Concentrator* Served::find_console(const std::string& name) {
    for (const auto& device : consoles_)
        for (u32 port = 0; port < device->ports(); ++port)
            if (device->name(port) == name)
                return &device->concentrator(port);
    return nullptr;
}

/// "In" is into the switch.
std::string Served::statistics() const {
    std::ostringstream out;
    for (const Disk& disk : disks_) {
        out << "disk " << disk.name;
        write_disk(out, disk.server->statistics());
    }
    for (const Port& port : ports_) {
        out << "port " << port.name << " switch=" << port.lan;
        write_port(out, lans_.at(port.lan)->network.statistics(port.server->port()));
    }
    for (const auto& [name, lan] : lans_)
        if (lan->uplink) {
            out << "uplink " << name << " switch=" << name;
            write_port(out, lan->network.statistics(lan->uplink->port()));
        }
    for (const auto& adapter : adapters_)
        out << "adapter " << manifest_.name_of(adapter->client()) << " calls=" << adapter->calls()
            << " doorbells=" << adapter->doorbells() << "\n";
    return out.str();
}

bool Served::set_link(const std::string& name, bool up) {
    auto found = std::find_if(ports_.begin(), ports_.end(),
                              [&](const Port& port) { return port.name == name; });
    if (found == ports_.end())
        return false;
    found->server->set_link(up);
    return true;
}

} // namespace cloison::io::adapter
