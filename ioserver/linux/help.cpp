// SPDX-License-Identifier: Apache-2.0
// The options and the help text.
#include "ioserver/linux/option_table.hpp"
#include "ioserver/linux/options.hpp"

#include <sstream>

namespace cloison::io {

namespace {

namespace po = boost::program_options;
using Words = std::vector<std::string>;

constexpr const char* purpose =
    "Usage: ioserver --adapters [option]...           serve the clients of this partition\n"
    "       ioserver --vhost-user-... [option]...     serve guests of an emulator\n"
    "       ioserver console [NAME] [--state DIR]     list the consoles, or be at one\n"
    "       ioserver stat [--state DIR]               what went through disks and switches\n"
    "       ioserver link NAME up|down [--state DIR]  plug a network cable, or pull it out\n"
    "\n"
    "Serves virtio devices. In the control partition or an I/O server partition, the manifest "
    "says\n"
    "which, and I/O adapters on the PCI bus lead to the clients. Elsewhere the command line says "
    "it:\n"
    "the first --vhost-user-blk gets the first --disk, the second the second, and so on; all "
    "network\n"
    "devices and TAP interfaces are ports of one switch.\n";
constexpr const char* closing =
    "\n"
    "A disk is a file, a block device or an NBD URI (nbd://HOST/EXPORT, "
    "nbd+unix:///EXPORT?socket=PATH).\n"
    "Behind it may stand\n"
    "  ,read-only      writes are refused\n"
    "  ,serial=TEXT    what the guest sees as the serial number, 20 bytes at most\n"
    "A file that a manifest names and that is not there is made, as large as the volume.\n"
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
    "All see the console and one writes; Ctrl-] ? helps, Ctrl-] . leaves.\n"
    "\n"
    "The server may be killed and started again at any time: the guest waits meanwhile, and "
    "requests\n"
    "in flight are carried out then. (An emulator has to reconnect: QEMU's reconnect=1.)\n"
    "SIGUSR1 makes a server of adapters print what 'ioserver stat' does.\n"
    "\n"
    "Exit status:\n"
    "  0  ended by SIGINT or SIGTERM; of a command, done\n"
    "  1  something that was asked for cannot be had (of the manifest's, all the rest was served)\n"
    "  2  the command line makes no sense\n";

po::options_description visible_options() {
    po::options_description options("Options", 100);
    auto add = options.add_options();
    add("adapters", "serve what the manifest says, through the I/O adapters of this partition");
    add("manifest", po::value<std::string>()->value_name("FILE"),
        "read the manifest from FILE, not from the firmware");
    add("console-line", po::value<std::string>()->value_name("TTY"),
        "a serial line that carries all consoles of the clients, multiplexed");
    add("state", po::value<std::string>()->value_name("DIR"),
        "folder where a server and the commands meet (default: /run/ioserver)");
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

} // namespace

po::options_description all_options() {
    po::options_description options = visible_options();
    options.add_options()("command", po::value<Words>());
    return options;
}

po::positional_options_description positional_words() {
    return po::positional_options_description().add("command", -1);
}

std::string help_text() {
    std::ostringstream text;
    text << purpose << "\n" << visible_options() << closing;
    return text.str();
}

} // namespace cloison::io
