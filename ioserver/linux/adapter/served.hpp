// SPDX-License-Identifier: Apache-2.0
// All that this partition serves: devices and switches as the manifest describes them, and the
// adapters that lead to their clients.
#pragma once

#include "ioserver/linux/adapter/absent_server.hpp"
#include "ioserver/linux/adapter/adapter.hpp"
#include "ioserver/linux/adapter/manifest_source.hpp"
#include "ioserver/linux/block/block_server.hpp"
#include "ioserver/linux/block/open_backend.hpp"
#include "ioserver/linux/console/console_server.hpp"
#include "ioserver/linux/net/net_server.hpp"
#include "ioserver/linux/net/uplink.hpp"
#include "ioserver/linux/state/administered.hpp"

#include <map>
#include <optional>

namespace cloison::io::adapter {

class Served final : public Administered {
  public:
    /// Makes all that can be made, and says on standard output what that is and on standard error
    /// what not. Throws ServerError where the partition has no clients.
    Served(EventLoop& loop, const Manifest& manifest, Roots roots, bool poll);

    void start();
    /// Whether nothing was left out.
    [[nodiscard]] bool complete() const { return complete_; }
    /// The clients' consoles, in the order of the manifest.
    [[nodiscard]] std::vector<ConsoleServer*> consoles() const;

    [[nodiscard]] std::vector<std::string> console_names() const override;
    [[nodiscard]] Concentrator* find_console(const std::string& name) override;
    [[nodiscard]] std::string statistics() const override;
    [[nodiscard]] bool set_link(const std::string& name, bool up) override;

  private:
    struct Disk {
        std::string name;
        std::unique_ptr<AsyncBackend> backend;
        std::unique_ptr<BlockServer> server;
    };
    struct Lan {
        Network network;
        std::unique_ptr<Uplink> uplink;
    };
    struct Port {
        std::string name;
        std::string lan;
        std::unique_ptr<NetServer> server;
    };

    void open_adapters();
    void make_switches();
    void make_switch(const std::string& text);
    void serve(Adapter& adapter);
    /// Makes the device that a function stands for. Throws ServerError.
    DeviceServer& make_device(const abi::FunctionRecord& function, std::string& name);
    DeviceServer& make_disk(const abi::FunctionRecord& function, const std::string& text,
                            std::string& name);
    DeviceServer& make_port(const std::string& text, std::string& name);
    DeviceServer& make_consoles(const std::string& text, std::string& name);
    /// Says what could not be done, and goes on.
    void left_out(const std::string& what);

    EventLoop& loop_;
    const Manifest& manifest_;
    Roots roots_;
    bool poll_;
    bool complete_ = true;
    std::optional<u32> self_; // this partition in the manifest
    // Each may use those before it.
    std::map<std::string, std::unique_ptr<Lan>> lans_;
    std::vector<Disk> disks_;
    std::vector<Port> ports_;
    std::vector<std::unique_ptr<ConsoleServer>> consoles_;
    std::vector<std::unique_ptr<AbsentServer>> absent_;
    std::vector<std::unique_ptr<Adapter>> adapters_; // by ascending client
};

} // namespace cloison::io::adapter
