// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/options.hpp"

#include "ioserver/devices/block/block_request.hpp"
#include "ioserver/linux/error.hpp"
#include "ioserver/linux/option_table.hpp"
#include "ioserver/linux/state/commands.hpp"

#include <algorithm>
#include <cstdio>

namespace cloison::io {

namespace {

namespace po = boost::program_options;
using Words = std::vector<std::string>;

constexpr u32 max_queues = 16;

/// Takes ",TEXT" off the end of `word`, where TEXT is one of `known` or begins with one that ends
/// in
/// "="; the empty string where there is none.
std::string take_suffix(std::string& word, std::initializer_list<std::string_view> known) {
    usize comma = word.rfind(',');
    if (comma == std::string::npos)
        return {};
    std::string suffix = word.substr(comma + 1);
    for (std::string_view name : known)
        if (suffix == name || (name.ends_with('=') && suffix.starts_with(name))) {
            word.resize(comma);
            return suffix;
        }
    return {};
}

std::string value_of(const std::string& suffix) {
    return suffix.substr(suffix.find('=') + 1);
}

DiskOptions parse_disk(const std::string& socket, std::string disk) {
    DiskOptions options;
    options.socket = socket;
    for (std::string suffix; !(suffix = take_suffix(disk, {"read-only", "serial="})).empty();) {
        if (suffix == "read-only")
            options.read_only = true;
        else
            options.serial = value_of(suffix);
    }
    options.image = disk;
    if (socket.empty() || disk.empty())
        throw UsageError("a socket or a disk has no name");
    if (options.serial.size() > VIRTIO_BLK_ID_BYTES)
        throw UsageError("serial number '" + options.serial + "' is longer than 20 bytes");
    return options;
}

MacAddress parse_mac(const std::string& text) {
    std::array<unsigned, ETH_ALEN> bytes{};
    int end = 0;
    if (std::sscanf(text.c_str(), "%2x:%2x:%2x:%2x:%2x:%2x%n", &bytes[0], &bytes[1], &bytes[2],
                    &bytes[3], &bytes[4], &bytes[5], &end) != ETH_ALEN ||
        static_cast<usize>(end) != text.size() || (bytes[0] & 1) != 0)
        throw UsageError("'" + text + "' is no address of a network device");
    MacAddress mac;
    std::transform(bytes.begin(), bytes.end(), mac.begin(),
                   [](unsigned byte) { return static_cast<u8>(byte); });
    return mac;
}

u16 parse_vlan(const std::string& text) {
    unsigned vlan = 0;
    int end = 0;
    if (std::sscanf(text.c_str(), "%4u%n", &vlan, &end) != 1 ||
        static_cast<usize>(end) != text.size() || vlan > 4094)
        throw UsageError("'" + text + "' is no VLAN: 1 to 4094");
    return static_cast<u16>(vlan);
}

/// `number` makes the address of a port that is given none.
PortOptions parse_port(std::string word, usize number) {
    PortOptions port;
    port.mac = {0x02, 0xC1, 0x01, 0x50, static_cast<u8>(number >> 8), static_cast<u8>(number)};
    for (std::string suffix; !(suffix = take_suffix(word, {"vlan=", "trunk", "mac="})).empty();) {
        if (suffix == "trunk")
            port.config.trunk = true;
        else if (suffix.starts_with("vlan="))
            port.config.vlan = parse_vlan(value_of(suffix));
        else
            port.mac = parse_mac(value_of(suffix));
    }
    port.name = word;
    if (word.empty())
        throw UsageError("a port has no name");
    if (port.config.vlan == 0 && !port.config.trunk)
        throw UsageError("port '" + word + "' is of no VLAN: vlan=0 is for a trunk");
    return port;
}

ConsoleOptions parse_console(std::string word) {
    ConsoleOptions console;
    for (std::string suffix; !(suffix = take_suffix(word, {"pty=", "tcp=", "log="})).empty();) {
        std::string value = value_of(suffix);
        unsigned port = 0;
        int end = 0;
        if (suffix.starts_with("pty="))
            console.pty = value;
        else if (suffix.starts_with("log="))
            console.log = value;
        else if (std::sscanf(value.c_str(), "%5u%n", &port, &end) == 1 &&
                 static_cast<usize>(end) == value.size() && port > 0 && port <= 0xFFFF)
            console.tcp = static_cast<u16>(port);
        else
            throw UsageError("'" + value + "' is no TCP port: 1 to 65535");
    }
    console.socket = word;
    if (word.empty())
        throw UsageError("a console has no socket");
    return console;
}

Words words_of(const po::variables_map& values, const char* name) {
    return values.count(name) != 0 ? values[name].as<Words>() : Words();
}

std::string word_of(const po::variables_map& values, const char* name) {
    return values.count(name) != 0 ? values[name].as<std::string>() : std::string();
}

po::variables_map parse(std::span<const std::string> words) {
    po::variables_map values;
    try {
        po::store(po::command_line_parser({words.begin(), words.end()})
                      .options(all_options())
                      .positional(positional_words())
                      .run(),
                  values);
    } catch (const po::error& error) {
        throw UsageError(error.what());
    }
    return values;
}

/// Devices behind sockets.
void parse_sockets(const po::variables_map& values, ServerOptions& options) {
    int queues = values["queues"].as<int>();
    if (queues < 1 || queues > int{max_queues})
        throw UsageError("--queues takes 1 to 16");
    options.queues = static_cast<u16>(queues);
    Words sockets = words_of(values, "vhost-user-blk"), disks = words_of(values, "disk");
    if (sockets.size() != disks.size())
        throw UsageError("there must be as many --disk as --vhost-user-blk");
    for (usize i = 0; i < sockets.size(); ++i)
        options.disks.push_back(parse_disk(sockets[i], disks[i]));
    for (const std::string& word : words_of(values, "vhost-user-net"))
        options.ports.push_back(parse_port(word, options.ports.size() + 1));
    for (const std::string& word : words_of(values, "tap"))
        options.taps.push_back(parse_port(word, 0));
    for (const std::string& word : words_of(values, "vhost-user-console"))
        options.consoles.push_back(parse_console(word));
    options.entropy = words_of(values, "vhost-user-rng");
}

/// What serves, or asks a server, does only that.
void check_mode(const ServerOptions& options) {
    bool sockets = !options.disks.empty() || !options.ports.empty() || !options.entropy.empty() ||
                   !options.consoles.empty();
    bool serves = sockets || !options.taps.empty() || options.adapters;
    if (options.command.empty() && !sockets && !options.adapters)
        throw UsageError("nothing to serve");
    if (options.adapters && (sockets || !options.taps.empty()))
        throw UsageError("--adapters serves what the manifest says, and no sockets");
    if (!options.adapters && (!options.manifest.empty() || !options.console_line.empty()))
        throw UsageError("--manifest and --console-line go with --adapters");
    if (!options.command.empty())
        check_command(options.command);
    if (!options.command.empty() && serves)
        throw UsageError("'" + options.command.front() + "' asks a server and serves nothing");
}

} // namespace

ServerOptions parse_options(std::span<const std::string> words) {
    po::variables_map values = parse(words);
    ServerOptions options;
    options.help = values.count("help") != 0;
    options.version = values.count("version") != 0;
    options.poll = values.count("poll") != 0;
    options.adapters = values.count("adapters") != 0;
    options.manifest = word_of(values, "manifest");
    options.state = word_of(values, "state");
    options.console_line = word_of(values, "console-line");
    options.command = words_of(values, "command");
    if (options.help || options.version)
        return options;
    parse_sockets(values, options);
    check_mode(options);
    return options;
}

} // namespace cloison::io
