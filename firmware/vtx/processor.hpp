// SPDX-License-Identifier: Apache-2.0
// A physical CPU that runs a virtual one.
#pragma once

#include "firmware/abi/footprint.hpp"
#include "firmware/vtx/vcpu.hpp"
#include "firmware/x86/descriptors.hpp"

#include <atomic>

namespace cloison::vtx {

class Processor {
  public:
    explicit Processor(Vcpu& vcpu) : vcpu_(vcpu) {}

    /// Starts this CPU, another than the caller's, and waits until it is in VMX operation. False:
    /// it did not come up, or it differs from the boot CPU.
    bool start(u64 tsc_hz);

    /// Prepares the CPU that executes this: descriptors, local APIC, VMX operation.
    bool initialise();

    /// Loads and runs the partition's guest on this CPU, until the partition stops for good.
    void run();

    [[nodiscard]] Vcpu& vcpu() const { return vcpu_; }

    Processor* next = nullptr; // in the list of those that partitions have

  private:
    bool enter_vmx();
    void start_guest();
    void load_guest();
    void run_once();
    void finish();
    [[nodiscard]] bool to_be_started_anew() const;

    x86::Descriptors descriptors_;
    Vcpu& vcpu_;
    std::atomic<u32> state_{0};
    alignas(page_size) u8 vmxon_region_[page_size];
    alignas(page_size) u8 stack_[2 * page_size];
};
static_assert(sizeof(Processor) == abi::processor_pages * page_size);

/// Lets the CPUs that start() brought up run their guests; `running` is the number of partitions.
void release_processors(u32 running);

} // namespace cloison::vtx
