// SPDX-License-Identifier: Apache-2.0
// A virtual machine of KVM's with one CPU, its memory, and the interrupt controllers that are in
// the kernel (Documentation/virt/kvm/api.rst in Linux).
#pragma once

#include "firmware/core/devices/ioapic.hpp"
#include "ioserver/linux/descriptor.hpp"

#include "tests/bench/kvm/kvm_api.hpp"
#include <span>
#include <string_view>

namespace cloison::bench {

class Vm {
  public:
    /// `memory` bytes of RAM from address 0, in large pages where the host has them. Throws
    /// ServerError, as all of this does.
    explicit Vm(u64 memory);
    ~Vm();
    Vm(const Vm&) = delete;
    Vm& operator=(const Vm&) = delete;

    [[nodiscard]] std::span<u8> memory() const { return memory_; }

    /// Loads a bzImage as the firmware does, and has the CPU at its 64-bit entry.
    void load(std::span<const u8> kernel, std::string_view command_line);

    /// Has `event` raise the interrupt that `message` means, without a word from here.
    void raise_by(const io::Descriptor& event, const core::Message& message);
    /// Has each write to `address` signal `event`, without a word to here.
    void signal_by_write(const io::Descriptor& event, u64 address);

    /// Runs the CPU until something of it has to be done here.
    kvm_run& run();

    /// The CPU's counters: see Statistics.
    [[nodiscard]] io::Descriptor statistics() const;

  private:
    void set_cpuid(const io::Descriptor& system) const;

    io::Descriptor vm_;
    io::Descriptor cpu_;
    std::span<u8> memory_;
    kvm_run* shared_ = nullptr;
    usize shared_size_ = 0;
};

} // namespace cloison::bench
