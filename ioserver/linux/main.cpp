// SPDX-License-Identifier: Apache-2.0
// The I/O server: makes the devices that the command line asks for, and serves them.
#include "ioserver/linux/block/block_server.hpp"
#include "ioserver/linux/block/file_backend.hpp"
#include "ioserver/linux/block/nbd_backend.hpp"
#include "ioserver/linux/console/console_server.hpp"
#include "ioserver/linux/error.hpp"
#include "ioserver/linux/net/net_server.hpp"
#include "ioserver/linux/net/tap.hpp"
#include "ioserver/linux/options.hpp"
#include "ioserver/linux/rng/rng_server.hpp"
#include "ioserver/linux/vhost_user/listener.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

namespace cloison::io {

namespace {

constexpr int exit_ok = 0;
constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

/// A disk with all that serves it, in the order in which it must be made.
struct Disk {
    Disk(EventLoop& loop, const DiskOptions& options, const ServerOptions& all) {
        DiskProperties properties = NbdBackend::is_uri(options.image)
                                        ? open<NbdBackend>(loop, options)
                                        : open<FileBackend>(loop, options);
        properties.queues = all.queues;
        std::copy(options.serial.begin(), options.serial.end(), properties.serial.begin());
        server = std::make_unique<BlockServer>(loop, *backend, properties);
        listener = std::make_unique<vhost_user::Listener>(loop, *server, options.socket, all.poll);
    }

    template <typename Backend>
    DiskProperties open(EventLoop& loop, const DiskOptions& options) {
        auto opened = std::make_unique<Backend>(loop, options.image, options.read_only);
        DiskProperties properties = opened->properties();
        backend = std::move(opened);
        return properties;
    }

    std::unique_ptr<AsyncBackend> backend;
    std::unique_ptr<BlockServer> server;
    std::unique_ptr<vhost_user::Listener> listener;
};

/// A guest at a port of the switch.
struct Port {
    Port(EventLoop& loop, Network& network, const PortOptions& options, bool poll)
        : server(std::make_unique<NetServer>(loop, network, options.mac, options.config)),
          listener(std::make_unique<vhost_user::Listener>(loop, *server, options.name, poll)) {}

    std::unique_ptr<NetServer> server;
    std::unique_ptr<vhost_user::Listener> listener;
};

struct Entropy {
    Entropy(EventLoop& loop, const std::string& socket, bool poll)
        : server(std::make_unique<RngServer>(loop)),
          listener(std::make_unique<vhost_user::Listener>(loop, *server, socket, poll)) {}

    std::unique_ptr<RngServer> server;
    std::unique_ptr<vhost_user::Listener> listener;
};

struct Console {
    Console(EventLoop& loop, const ConsoleOptions& options, bool poll)
        : server(std::make_unique<ConsoleServer>(loop)) {
        Concentrator& people = server->concentrator();
        if (!options.log.empty())
            server->add(std::make_unique<LogEndpoint>(people, options.log));
        if (!options.pty.empty())
            server->add(std::make_unique<PtyEndpoint>(loop, people, options.pty));
        if (options.tcp)
            server->add(std::make_unique<TcpEndpoint>(loop, people, *options.tcp));
        listener = std::make_unique<vhost_user::Listener>(loop, *server, options.socket, poll);
    }

    std::unique_ptr<ConsoleServer> server;
    std::unique_ptr<vhost_user::Listener> listener;
};

int serve(const ServerOptions& options) {
    EventLoop loop;
    Network network;
    std::vector<std::unique_ptr<Tap>> taps;
    for (const PortOptions& tap : options.taps)
        taps.push_back(std::make_unique<Tap>(loop, network, tap.name, tap.config));
    std::vector<Port> ports;
    for (const PortOptions& port : options.ports)
        ports.emplace_back(loop, network, port, options.poll);
    std::vector<Entropy> entropy;
    for (const std::string& socket : options.entropy)
        entropy.emplace_back(loop, socket, options.poll);
    std::vector<Console> consoles;
    for (const ConsoleOptions& console : options.consoles)
        consoles.emplace_back(loop, console, options.poll);
    std::vector<Disk> disks;
    for (const DiskOptions& disk : options.disks)
        disks.emplace_back(loop, disk, options);
    loop.run(options.poll);
    return exit_ok;
}

int run(std::span<const std::string> words) {
    try {
        ServerOptions options = parse_options(words);
        if (options.help) {
            std::cout << help_text();
            return exit_ok;
        }
        if (options.version) {
            std::cout << "ioserver " CLOISON_VERSION "\n";
            return exit_ok;
        }
        return serve(options);
    } catch (const UsageError& error) {
        std::cerr << "ioserver: " << error.what() << "\nTry 'ioserver --help'.\n";
        return exit_usage;
    } catch (const std::exception& error) {
        std::cerr << "ioserver: " << error.what() << "\n";
        return exit_failed;
    }
}

} // namespace

} // namespace cloison::io

int main(int count, char** words) {
    return cloison::io::run(std::vector<std::string>(words + 1, words + count));
}
