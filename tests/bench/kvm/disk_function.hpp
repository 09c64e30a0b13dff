// SPDX-License-Identifier: Apache-2.0
// A virtio disk on the guest's PCI bus. Its registers are the firmware's, the device and its back
// end the I/O server's; between them is KVM: kicks come by ioeventfd, interrupts go by irqfd.
#pragma once

#include "firmware/core/devices/pci.hpp"
#include "ioserver/linux/block/block_server.hpp"
#include "tests/bench/kvm/vm.hpp"

#include <memory>
#include <pthread.h>
#include <thread>

namespace cloison::bench {

class DiskFunction final : private io::QueueEvents {
  public:
    /// Makes the disk in a thread of its own on host CPU `cpu`, which polls where `poll` is set.
    /// `path`: a file.
    DiskFunction(Vm& vm, const std::string& path, bool poll, u32 cpu);
    ~DiskFunction() override;
    DiskFunction(const DiskFunction&) = delete;
    DiskFunction& operator=(const DiskFunction&) = delete;

    [[nodiscard]] u64 read(u64 address, u32 size) { return bus_.read_memory(address, size); }
    void write(u64 address, u32 size, u64 value);

    /// Nanoseconds of CPU time that the server's thread has had.
    [[nodiscard]] u64 server_time() const;

  private:
    void connect();
    void serve(u32 cpu);
    void notify(u32 queue) override;
    void broken(u32 queue, io::QueueError error) override;
    void config_changed() override {} // the file keeps its size

    Vm& vm_;
    bool poll_;
    io::EventLoop loop_;
    std::unique_ptr<io::AsyncBackend> backend_;
    std::unique_ptr<io::BlockServer> server_;
    io::GuestRegions regions_;
    std::vector<u8> config_;
    std::array<u16, 1> queue_sizes_{abi::max_queue_size};
    std::array<Extent, 1> ram_;
    std::unique_ptr<abi::AdapterPage[]> record_; // pages of all kinds
    alignas(core::VirtioFunction) std::array<u8, sizeof(core::VirtioFunction)> object_;
    core::PciBus bus_;
    io::Descriptor kick_, call_, end_;
    bool connected_ = false;
    std::thread thread_;
};

} // namespace cloison::bench
