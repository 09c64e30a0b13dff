// SPDX-License-Identifier: Apache-2.0
// What the planner tells a server of the things it serves: texts in the manifest, a word for the
// kind and then key=value pairs, each behind one space, in the order below.
//
//     disk client=alpha name=alpha.disk0 volume=root backing=file:/srv/a.img size=67108864
//         read-only=no serial=alpha-root                                  (in one line)
//     port client=alpha name=alpha.net0 switch=lan mac=52:54:00:12:34:56 vlan=0 trunk=no
//     consoles client=alpha name=alpha ports=2
//     switch name=lan uplink=0000:00:03.0 slot=2
//
// In values all that is not printable ASCII, the space and '%' are %XX. One meaning has one text,
// so what is parsed and formatted again is the same bytes. The planner formats, the server parses,
// both with the one description that each service has of its fields.
#pragma once

#include "firmware/abi/service_text.hpp"

namespace cloison::abi {

/// A block device: the FunctionRecord of its client has it as service.
struct DiskService {
    static constexpr std::string_view kind = "disk";
    std::string_view client;  // name of the partition
    std::string_view name;    // of the function, of no other one
    std::string_view volume;  // as the layout calls it
    std::string_view backing; // file:PATH, device:PATH or an NBD URI
    u64 size = 0;             // bytes that the plan counts on
    bool read_only = false;
    std::string_view serial; // empty: none

    template <typename Self, typename Fields>
    static constexpr bool visit(Self& self, Fields& fields) {
        return fields.text("client", self.client) && fields.text("name", self.name) &&
               fields.text("volume", self.volume) && fields.text("backing", self.backing) &&
               fields.number("size", self.size) && fields.flag("read-only", self.read_only) &&
               fields.optional_text("serial", self.serial);
    }
};

/// A network device at a port of a switch.
struct PortService {
    static constexpr std::string_view kind = "port";
    std::string_view client;
    std::string_view name;
    std::string_view network; // the switch
    MacText mac{};
    u64 vlan = 0; // 0: untagged
    bool trunk = false;

    template <typename Self, typename Fields>
    static constexpr bool visit(Self& self, Fields& fields) {
        return fields.text("client", self.client) && fields.text("name", self.name) &&
               fields.text("switch", self.network) && fields.mac("mac", self.mac) &&
               fields.number("vlan", self.vlan) && fields.flag("trunk", self.trunk);
    }
};

/// The consoles of a client, ports of one device. Port i is called NAME.i.
struct ConsolesService {
    static constexpr std::string_view kind = "consoles";
    std::string_view client;
    std::string_view name;
    u64 ports = 0;

    template <typename Self, typename Fields>
    static constexpr bool visit(Self& self, Fields& fields) {
        return fields.text("client", self.client) && fields.text("name", self.name) &&
               fields.number("ports", self.ports);
    }
};

/// A switch of the server's: a ServiceRecord's text.
struct SwitchService {
    static constexpr std::string_view kind = "switch";
    std::string_view name;
    std::string_view uplink; // the device that leads out, at the machine's address; empty: none
    u64 slot = 0;            // where the server's own bus has it; 0: no uplink

    template <typename Self, typename Fields>
    static constexpr bool visit(Self& self, Fields& fields) {
        return fields.text("name", self.name) && fields.optional_text("uplink", self.uplink) &&
               fields.optional_number("slot", self.slot);
    }
};

/// Writes the text of a service into `room`; nullopt where that is too small.
template <typename Service>
constexpr std::optional<std::string_view> format_service(const Service& service,
                                                         std::span<char> room) {
    ServiceWriter writer(room);
    if (!writer.word(Service::kind) || !Service::visit(service, writer))
        return std::nullopt;
    return writer.written();
}

/// Room for what a text has in its values, decoded.
using ServiceRoom = std::array<char, max_service_text>;

/// The service that a text describes, its strings in `room`. nullopt: it is none of this kind, or
/// not as format_service() writes it, or longer than max_service_text.
template <typename Service>
constexpr std::optional<Service> parse_service(std::string_view text, ServiceRoom& room) {
    Service service;
    ServiceReader reader(text, room);
    if (!reader.word(Service::kind) || !Service::visit(service, reader) || !reader.at_end())
        return std::nullopt;
    return service;
}

} // namespace cloison::abi
