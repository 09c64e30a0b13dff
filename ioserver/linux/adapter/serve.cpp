// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/adapter/serve.hpp"

#include "ioserver/linux/adapter/served.hpp"
#include "ioserver/linux/console/mux_line.hpp"
#include "ioserver/linux/state/control_socket.hpp"

#include <csignal>
#include <iostream>

namespace cloison::io::adapter {

namespace {

/// The line with all consoles, if there is to be one.
std::unique_ptr<MuxLine> make_line(EventLoop& loop, const Served& served, const std::string& path) {
    if (path.empty())
        return nullptr;
    auto line = std::make_unique<MuxLine>(loop, path);
    for (ConsoleServer* device : served.consoles()) {
        for (u32 port = 0; port < device->ports(); ++port)
            line->add(device->concentrator(port));
        device->on_room([at = line.get()] { at->resume(); });
    }
    return line;
}

} // namespace

bool serve(const ServerOptions& options, const Roots& roots) {
    EventLoop loop;
    Manifest manifest(roots, options.manifest);
    Served served(loop, manifest, roots, options.poll);
    auto line = make_line(loop, served, options.console_line);
    ControlSocket control(loop, options.state.empty() ? default_state : options.state, served);
    for (ConsoleServer* device : served.consoles())
        device->on_room([&control] { control.resume(); });
    loop.on_signal(SIGUSR1, [&] { std::cout << served.statistics() << std::flush; });
    served.start();
    loop.run(options.poll);
    return served.complete();
}

} // namespace cloison::io::adapter
