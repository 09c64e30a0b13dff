// SPDX-License-Identifier: Apache-2.0
// From the text of a service to the device.
#include "ioserver/linux/adapter/served.hpp"

#include "firmware/abi/service.hpp"
#include "ioserver/linux/error.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <linux/virtio_ids.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cloison::io::adapter {

namespace {

/// VLAN inside a switch of frames that have none outside.
constexpr u16 untagged = 1;

template <typename Service>
Service parse(const std::string& text, abi::ServiceRoom& room) {
    auto service = abi::parse_service<Service>(text, room);
    if (!service)
        throw ServerError("the manifest has no service for it that this server knows: " + text);
    return *service;
}

/// A volume of which nothing was ever written: a hole in a file, as large as it is.
void make_file(const std::string& path, u64 size) {
    Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
    struct stat state {};
    if (!file || fstat(file.get(), &state) != 0 ||
        (S_ISREG(state.st_mode) && state.st_size == 0 &&
         ftruncate(file.get(), static_cast<off_t>(size)) != 0))
        throw system_error(path, errno);
}

/// The backing as open_backend() takes it.
std::string image_of(const abi::DiskService& disk) {
    std::string backing(disk.backing);
    usize colon = backing.find(':');
    std::string kind = backing.substr(0, colon), rest = backing.substr(colon + 1);
    if (colon == std::string::npos || (kind != "file" && kind != "device" && kind != "nbd"))
        throw ServerError("backing '" + backing + "': not of a kind that this server knows");
    if (kind == "file" && !disk.read_only)
        make_file(rest, disk.size);
    // "nbd:" before a whole URI, or as its beginning.
    bool whole = kind == "nbd" && !rest.starts_with("nbd") && !rest.starts_with("//");
    if (whole)
        throw ServerError("backing '" + backing + "': no NBD URI");
    return kind == "nbd" && rest.starts_with("//") ? backing : rest;
}

} // namespace

DeviceServer& Served::make_device(const abi::FunctionRecord& function, std::string& name) {
    std::string text = manifest_.text_of(function.service);
    switch (function.device_id) {
    case VIRTIO_ID_BLOCK:
        return make_disk(function, text, name);
    case VIRTIO_ID_NET:
        return make_port(text, name);
    case VIRTIO_ID_CONSOLE:
        return make_consoles(text, name);
    default:
        throw ServerError("no device of this kind is known: " + std::to_string(function.device_id));
    }
}

/// The device is what the plan promised, as far as the back end can hold it: a guest that finds
/// less than it was offered does not work, one that finds more does not see it.
DeviceServer& Served::make_disk(const abi::FunctionRecord& function, const std::string& text,
                                std::string& name) {
    abi::ServiceRoom room;
    auto service = parse<abi::DiskService>(text, room);
    name = service.name;
    auto backend = open_backend(loop_, image_of(service), service.read_only);
    DiskProperties disk = backend->properties();
    disk.queues = static_cast<u16>(function.queues);
    disk.discard = disk.discard && (function.features & feature_bit(VIRTIO_BLK_F_DISCARD)) != 0;
    if (disk.queues == 0 || disk.queues > abi::max_virtqueues)
        throw ServerError("a disk with " + std::to_string(disk.queues) + " queues");
    if (service.serial.size() > disk.serial.size())
        throw ServerError("a serial number of more than 20 bytes");
    std::copy(service.serial.begin(), service.serial.end(), disk.serial.begin());
    auto server = std::make_unique<BlockServer>(loop_, *backend, disk);
    disks_.push_back({name, std::move(backend), std::move(server)});
    return *disks_.back().server;
}

DeviceServer& Served::make_port(const std::string& text, std::string& name) {
    abi::ServiceRoom room;
    auto service = parse<abi::PortService>(text, room);
    name = service.name;
    std::string lan(service.network);
    auto found = lans_.find(lan);
    if (found == lans_.end())
        throw ServerError("there is no switch '" + lan + "'");
    // A trunk's frames without a tag are those of nobody else's VLAN, too.
    PortConfig config;
    config.trunk = service.trunk;
    config.vlan =
        service.vlan == 0 ? untagged : static_cast<u16>(std::min<u64>(service.vlan, 4095));
    auto server = std::make_unique<NetServer>(loop_, found->second->network, service.mac, config);
    ports_.push_back({name, lan, std::move(server)});
    return *ports_.back().server;
}

DeviceServer& Served::make_consoles(const std::string& text, std::string& name) {
    abi::ServiceRoom room;
    auto service = parse<abi::ConsolesService>(text, room);
    name = service.name;
    if (service.ports == 0 || service.ports > max_console_ports)
        throw ServerError("a console device with " + std::to_string(service.ports) + " ports");
    std::vector<std::string> names;
    for (u64 port = 0; port < service.ports; ++port)
        names.push_back(name + "." + std::to_string(port));
    consoles_.push_back(std::make_unique<ConsoleServer>(loop_, std::move(names)));
    return *consoles_.back();
}

} // namespace cloison::io::adapter
