// SPDX-License-Identifier: Apache-2.0
// The I/O adapter of one client: a PCI function whose BARs are the doorbell, the adapter record and
// the client's memory.
#pragma once

#include "ioserver/linux/adapter/function_session.hpp"
#include "ioserver/linux/adapter/pci_function.hpp"
#include "ioserver/linux/event_loop.hpp"

#include <memory>
#include <vector>

namespace cloison::io::adapter {

class Adapter {
  public:
    /// Maps what is there, once no other server has it. `poll`: looks all the time, and without the
    /// interrupt. Throws ServerError.
    Adapter(EventLoop& loop, const Roots& roots, const std::string& address, bool poll);
    ~Adapter();
    Adapter(const Adapter&) = delete;
    Adapter& operator=(const Adapter&) = delete;

    [[nodiscard]] const std::string& address() const { return function_.address(); }
    /// Index of the client in the manifest.
    [[nodiscard]] u32 client() const { return client_; }
    [[nodiscard]] u32 functions() const { return functions_; }
    [[nodiscard]] const abi::FunctionPage& page(u32 function) const {
        return record().function(function);
    }

    /// Has `device` serve the function from start() on. Throws ServerError.
    void serve(u32 function, DeviceServer& device, const std::string& name);
    /// Throws ServerError.
    void start();

    /// How often the client called, and how often it was told something.
    [[nodiscard]] u64 calls() const { return calls_; }
    [[nodiscard]] u64 doorbells() const { return bells_.count(); }

  private:
    [[nodiscard]] abi::IoAdapterRecord record() const {
        return abi::IoAdapterRecord(record_.bytes().data());
    }
    void check_record();
    void map_memory();
    void on_interrupt();
    void look();
    void poll();

    EventLoop& loop_;
    PciFunction function_;
    bool poll_;
    Mapping doorbell_;
    Mapping record_;
    Mapping memory_;
    GuestRegions regions_; // of the client's memory
    Doorbells bells_;
    u32 client_ = 0;
    u32 functions_ = 0;
    u64 calls_ = 0;
    Descriptor interrupt_;
    std::vector<std::unique_ptr<FunctionSession>> sessions_;
};

} // namespace cloison::io::adapter
