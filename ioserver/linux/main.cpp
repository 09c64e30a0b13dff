// SPDX-License-Identifier: Apache-2.0
// The I/O server: serves the devices that the command line or the manifest asks for, or talks to a
// server that does.
#include "ioserver/linux/adapter/serve.hpp"
#include "ioserver/linux/error.hpp"
#include "ioserver/linux/options.hpp"
#include "ioserver/linux/state/commands.hpp"
#include "ioserver/linux/vhost_user/serve.hpp"

#include <csignal>
#include <iostream>

namespace cloison::io {

namespace {

constexpr int exit_ok = 0;
constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

int act(const ServerOptions& options) {
    if (!options.command.empty())
        return run_command(options) ? exit_ok : exit_failed;
    if (options.adapters)
        return adapter::serve(options) ? exit_ok : exit_failed;
    vhost_user::serve(options);
    return exit_ok;
}

int run(std::span<const std::string> words) {
    try {
        ServerOptions options = parse_options(words);
        if (options.help)
            std::cout << help_text();
        else if (options.version)
            std::cout << "ioserver " CLOISON_VERSION "\n";
        else
            return act(options);
        return exit_ok;
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
    std::signal(SIGPIPE, SIG_IGN); // people at consoles hang up when they like
    return cloison::io::run(std::vector<std::string>(words + 1, words + count));
}
