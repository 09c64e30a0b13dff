// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/options.hpp"

#include "ioserver/devices/block/block_request.hpp"
#include "ioserver/linux/error.hpp"

#include <boost/program_options.hpp>

#include <sstream>

namespace cloison::io {

namespace {

namespace po = boost::program_options;
using Words = std::vector<std::string>;

constexpr u32 max_queues = 16;

constexpr const char* purpose =
    "Usage: ioserver [option]...\n"
    "Serves disks to guests over vhost-user sockets. The first --vhost-user-blk gets the first\n"
    "--disk, the second the second, and so on.\n";
constexpr const char* closing =
    "\n"
    "A disk is a file, a block device or an NBD URI (nbd://HOST/EXPORT, "
    "nbd+unix:///EXPORT?socket=PATH).\n"
    "Behind it may stand\n"
    "  ,read-only      writes are refused\n"
    "  ,serial=TEXT    what the guest sees as the serial number, 20 bytes at most\n"
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
    add("queues", po::value<int>()->value_name("N")->default_value(1),
        "queues that a block device offers, 1 to 16");
    add("poll", "look at the rings all the time: shorter latency, at the price of a CPU");
    add("help,h", "print this");
    add("version", "print the version");
    return options;
}

/// Takes ",TEXT" off the end of `disk`; the empty string where there is none that is known.
std::string take_suffix(std::string& disk) {
    usize comma = disk.rfind(',');
    if (comma == std::string::npos)
        return {};
    std::string suffix = disk.substr(comma + 1);
    if (suffix != "read-only" && !suffix.starts_with("serial="))
        return {};
    disk.resize(comma);
    return suffix;
}

DiskOptions parse_disk(const std::string& socket, std::string disk) {
    DiskOptions options;
    options.socket = socket;
    for (std::string suffix; !(suffix = take_suffix(disk)).empty();) {
        if (suffix == "read-only")
            options.read_only = true;
        else
            options.serial = suffix.substr(suffix.find('=') + 1);
    }
    options.image = disk;
    if (socket.empty() || disk.empty())
        throw UsageError("a socket or a disk has no name");
    if (options.serial.size() > VIRTIO_BLK_ID_BYTES)
        throw UsageError("serial number '" + options.serial + "' is longer than 20 bytes");
    return options;
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
    if (options.disks.empty())
        throw UsageError("nothing to serve");
    return options;
}

std::string help_text() {
    std::ostringstream text;
    text << purpose << "\n" << visible_options() << closing;
    return text.str();
}

} // namespace cloison::io
