// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/options.hpp"

#include "ioserver/devices/block/block_request.hpp"
#include "ioserver/linux/error.hpp"

#include <boost/program_options.hpp>

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace cloison::io {

namespace {

namespace po = boost::program_options;
using Words = std::vector<std::string>;

constexpr u32 max_queues = 16;

constexpr const char* purpose =
    "Usage: ioserver [option]...\n"
    "Serves virtio devices to guests over vhost-user sockets. The first --vhost-user-blk gets the\n"
    "first --disk, the second the second, and so on. All network devices and TAP interfaces are\n"
    "ports of one switch.\n";
constexpr const char* closing =
    "\n"
    "A disk is a file, a block device or an NBD URI (nbd://HOST/EXPORT, "
    "nbd+unix:///EXPORT?socket=PATH).\n"
    "Behind it may stand\n"
    "  ,read-only      writes are refused\n"
    "  ,serial=TEXT    what the guest sees as the serial number, 20 bytes at most\n"
    "\n"
    "Behind the name of a port of the switch may stand\n"
    "  ,vlan=N         frames are of VLAN N (default: 1)\n"
    "  ,trunk          frames of all VLANs, with tags but for those of VLAN N (0: with tags only)\n"
    "  ,mac=ADDRESS    of a guest, where its emulator does not choose it\n"
    "\n"
    "Behind the socket of a console may stand\n"
    "  ,pty=PATH       PATH becomes a link to a pseudo-terminal\n"
    "  ,tcp=PORT       connections to this port of the machine itself\n"
    "  ,log=FILE       what the guest says is appended to FILE\n"
    "All see the console and one writes; Ctrl-] ? helps.\n"
    "\n"
    "The server may be killed and started again at any time: the guest waits meanwhile, if its\n"
    "emulator reconnects (QEMU: -chardev socket,...,reconnect=1).\n"
    "\n"
    "Exit status:\n"
    "  0  ended by SIGINT or SIGTERM\n"
    "  1  something that was asked for cannot be had\n"
    "  2  the command line makes no sense\n";

po::options_description visible_options() {
    po::options_description options("Options");
    auto add = options.add_options();
    add("vhost-user-blk", po::value<Words>()->value_name("SOCKET"),
        "a virtio block device for the front end that connects to SOCKET");
    add("disk", po::value<Words>()->value_name("DISK"), "what is on it");
    add("vhost-user-net", po::value<Words>()->value_name("PORT"),
        "a virtio network device for the front end that connects to the socket PORT");
    add("tap", po::value<Words>()->value_name("PORT"), "an uplink: the TAP interface PORT");
    add("vhost-user-console", po::value<Words>()->value_name("SOCKET"),
        "a virtio console for the front end that connects to SOCKET");
    add("vhost-user-rng", po::value<Words>()->value_name("SOCKET"),
        "a virtio entropy device for the front end that connects to SOCKET");
    add("queues", po::value<int>()->value_name("N")->default_value(1),
        "queues that a block device offers, 1 to 16");
    add("poll", "look at the rings all the time: shorter latency, at the price of a CPU");
    add("help,h", "print this");
    add("version", "print the version");
    return options;
}

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

po::variables_map parse(std::span<const std::string> words) {
    po::variables_map values;
    try {
        po::store(po::command_line_parser({words.begin(), words.end()})
                      .options(visible_options())
                      .positional({})
                      .run(),
                  values);
    } catch (const po::error& error) {
        throw UsageError(error.what());
    }
    return values;
}

} // namespace

ServerOptions parse_options(std::span<const std::string> words) {
    po::variables_map values = parse(words);
    ServerOptions options;
    options.help = values.count("help") != 0;
    options.version = values.count("version") != 0;
    options.poll = values.count("poll") != 0;
    if (options.help || options.version)
        return options;

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
    if (options.disks.empty() && options.ports.empty() && options.entropy.empty() &&
        options.consoles.empty())
        throw UsageError("nothing to serve");
    return options;
}

std::string help_text() {
    std::ostringstream text;
    text << purpose << "\n" << visible_options() << closing;
    return text.str();
}

} // namespace cloison::io
