// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/vhost_user/serve.hpp"

#include "ioserver/linux/block/block_server.hpp"
#include "ioserver/linux/block/open_backend.hpp"
#include "ioserver/linux/console/console_server.hpp"
#include "ioserver/linux/net/net_server.hpp"
#include "ioserver/linux/net/tap.hpp"
#include "ioserver/linux/rng/rng_server.hpp"
#include "ioserver/linux/vhost_user/listener.hpp"

#include <algorithm>
#include <memory>

namespace cloison::io::vhost_user {

namespace {

/// A disk with all that serves it, in the order in which it must be made.
struct Disk {
    Disk(EventLoop& loop, const DiskOptions& options, const ServerOptions& all)
        : backend(open_backend(loop, options.image, options.read_only)) {
        DiskProperties properties = backend->properties();
        properties.queues = all.queues;
        std::copy(options.serial.begin(), options.serial.end(), properties.serial.begin());
        server = std::make_unique<BlockServer>(loop, *backend, properties);
        listener = std::make_unique<Listener>(loop, *server, options.socket, all.poll);
    }

    std::unique_ptr<AsyncBackend> backend;
    std::unique_ptr<BlockServer> server;
    std::unique_ptr<Listener> listener;
};

/// A guest at a port of the switch.
struct Port {
    Port(EventLoop& loop, Network& network, const PortOptions& options, bool poll)
        : server(std::make_unique<NetServer>(loop, network, options.mac, options.config)),
          listener(std::make_unique<Listener>(loop, *server, options.name, poll)) {}

    std::unique_ptr<NetServer> server;
    std::unique_ptr<Listener> listener;
};

struct Entropy {
    Entropy(EventLoop& loop, const std::string& socket, bool poll)
        : server(std::make_unique<RngServer>(loop)),
          listener(std::make_unique<Listener>(loop, *server, socket, poll)) {}

    std::unique_ptr<RngServer> server;
    std::unique_ptr<Listener> listener;
};

struct Console {
    Console(EventLoop& loop, const ConsoleOptions& options, bool poll)
        : server(std::make_unique<ConsoleServer>(loop, std::vector<std::string>{"console"})) {
        Concentrator& people = server->concentrator();
        if (!options.log.empty())
            server->add(std::make_unique<LogEndpoint>(people, options.log));
        if (!options.pty.empty())
            server->add(std::make_unique<PtyEndpoint>(loop, people, options.pty));
        if (options.tcp)
            server->add(std::make_unique<TcpEndpoint>(loop, people, *options.tcp));
        listener = std::make_unique<Listener>(loop, *server, options.socket, poll);
    }

    std::unique_ptr<ConsoleServer> server;
    std::unique_ptr<Listener> listener;
};

} // namespace

void serve(const ServerOptions& options) {
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
}

} // namespace cloison::io::vhost_user
