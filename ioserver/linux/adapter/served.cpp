// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/adapter/served.hpp"

#include "firmware/abi/server_map.hpp"
#include "firmware/abi/service.hpp"
#include "ioserver/linux/error.hpp"

#include <algorithm>
#include <iostream>

namespace cloison::io::adapter {

Served::Served(EventLoop& loop, const Manifest& manifest, Roots roots, bool poll)
    : loop_(loop),
      manifest_(manifest),
      roots_(std::move(roots)),
      poll_(poll) {
    open_adapters();
    make_switches();
    for (const auto& adapter : adapters_)
        serve(*adapter);
}

void Served::left_out(const std::string& what) {
    say(std::cerr, what);
    complete_ = false;
}

/// Which partition this is follows from who serves its clients.
void Served::open_adapters() {
    for (const std::string& address :
         find_functions(roots_, abi::service_vendor, abi::adapter_device))
        try {
            auto adapter = std::make_unique<Adapter>(loop_, roots_, address, poll_);
            auto run = abi::functions_of(manifest_.view(), adapter->client());
            if (run.empty() || run.size() != adapter->functions() ||
                run.front().server != self_.value_or(run.front().server))
                throw ServerError(address + ": not the client that the manifest has");
            self_ = run.front().server;
            adapters_.push_back(std::move(adapter));
        } catch (const ServerError& error) {
            left_out(error.what());
        }
    if (adapters_.empty())
        throw ServerError("no clients to serve");
    std::sort(adapters_.begin(), adapters_.end(),
              [](const auto& a, const auto& b) { return a->client() < b->client(); });
}

void Served::make_switches() {
    for (const abi::ServiceRecord& service : manifest_.view().services)
        if (service.server == self_)
            try {
                make_switch(manifest_.text_of(service.text));
            } catch (const ServerError& error) {
                left_out(error.what());
            }
}

void Served::make_switch(const std::string& text) {
    abi::ServiceRoom room;
    auto service = abi::parse_service<abi::SwitchService>(text, room);
    if (!service)
        throw ServerError("a service that this server does not know: " + text);
    std::string name(service->name);
    Lan& lan = *lans_.emplace(name, std::make_unique<Lan>()).first->second;
    if (service->slot == 0)
        return;
    // Without its uplink a switch still connects the clients.
    std::string interface = find_interface(roots_, service->slot);
    lan.uplink = std::make_unique<Uplink>(loop_, lan.network, interface);
    say(std::cout, "switch " + name + " has " + interface + " as its uplink");
}

void Served::serve(Adapter& adapter) {
    auto run = abi::functions_of(manifest_.view(), adapter.client());
    for (u32 i = 0; i < adapter.functions(); ++i) {
        std::string name = manifest_.name_of(adapter.client()) + " function " + std::to_string(i);
        try {
            adapter.serve(i, make_device(run[i], name), name);
            say(std::cout, "serving " + name + ": " + manifest_.text_of(run[i].service));
        } catch (const ServerError& error) {
            left_out(name + ": " + error.what());
            absent_.push_back(std::make_unique<AbsentServer>(adapter.page(i)));
            adapter.serve(i, *absent_.back(), name);
        }
    }
}

void Served::start() {
    for (const auto& adapter : adapters_)
        try {
            adapter->start();
        } catch (const ServerError& error) {
            left_out(error.what());
        }
}

std::vector<ConsoleServer*> Served::consoles() const {
    std::vector<ConsoleServer*> all;
    for (const auto& console : consoles_)
        all.push_back(console.get());
    return all;
}

} // namespace cloison::io::adapter
