// SPDX-License-Identifier: Apache-2.0
// A virtual CPU on the physical CPU that it has to itself.
#pragma once

#include "firmware/core/boot/linux.hpp"
#include "firmware/core/cpu/cpuid_policy.hpp"
#include "firmware/core/decode/decoder.hpp"
#include "firmware/core/decode/registers.hpp"
#include "firmware/core/decode/walk.hpp"
#include "firmware/vtx/capabilities.hpp"
#include "firmware/vtx/guest.hpp"
#include "firmware/vtx/vmcs.hpp"
#include "firmware/x86/descriptors.hpp"

namespace cloison::vtx {

inline constexpr u32 exit_reasons = 80; // basic exit reasons of the SDM go up to 77

/// The pages and tables of the machine that a virtual CPU's VMCS points to.
struct VcpuPages {
    void* vmcs;
    u32* virtual_apic;
};

/// Bytes from a linear address to the end of its page.
constexpr u64 rest_of_page(u64 linear) {
    return page_size - linear % page_size;
}

class Vcpu : public core::VirtualCpu {
  public:
    Vcpu(Guest& guest, const Capabilities& capabilities, VcpuPages pages, u32 virtual_id,
         u64 host_tsc_hz);

    /// On its own physical CPU, in VMX root operation: makes the VMCS current and fills it.
    void initialise(const x86::Descriptors& descriptors);
    /// Boot CPU: the state in which the boot protocol wants it.
    void start_linux(const core::EntryState& entry);
    /// Others: wait for SIPI.
    void start_waiting() { waits_for_startup = true; }
    /// Runs the guest until the partition stops.
    void run();

    [[nodiscard]] Guest& guest() const { return guest_; }
    [[nodiscard]] const Capabilities& capabilities() const { return capabilities_; }
    [[nodiscard]] u64 exit_count(u32 reason) const { return exit_counts_[reason]; }
    [[nodiscard]] u32 id() const { return apic.id(); }

  private:
    // setup.cpp
    void initialise_controls();
    void initialise_host(const x86::Descriptors& descriptors);
    void reset_state();
    void start_real_mode(u8 page);
    void set_segment(Segment segment, u16 selector, u64 base, u32 limit, u32 access);
    void update_apic_mode();

    // run.cpp
    bool handle_events();
    [[nodiscard]] u64 next_deadline() const;
    void service_timers();
    void prepare_interrupts();
    void arm_timer();
    void wait_halted();
    void listen(u64 until);
    void inject_nmi();
    void prepare_trapped_interrupt();
    void prepare_external_interrupt();
    [[nodiscard]] bool interruptible() const;
    void inject(u32 info) { vmwrite(Field::entry_interruption_info, info | event::valid); }
    void set_processor_control(u32 bits, bool on);

    // exits.cpp
    void handle_exit(u32 reason);
    void handle_cpuid();
    void handle_io(u64 qualification);
    void handle_string_io(u64 qualification, u16 port, u32 size, bool in);
    void handle_rdmsr();
    void handle_wrmsr();
    void handle_xsetbv();
    void handle_interrupt(u8 vector);
    void entry_failed(u32 reason);
    void handle_halt();
    void advance();
    void finish_instruction();
    bool write_apic(u32 reg, u64 value);

    // exceptions.cpp
    void raise(u32 vector);
    void raise(u32 vector, u32 error_code);
    void raise_fault(u32 info);
    void reinject();
    void handle_exception(u32 info);

    // control_registers.cpp
    void handle_cr_access(u64 qualification);
    bool write_cr0(u64 value);
    bool write_cr4(u64 value);
    void load_pdptes();

    // guest_access.cpp
    [[nodiscard]] core::PagingState paging_state() const;
    std::span<const u8> fetch(std::span<u8> buffer) const;
    [[nodiscard]] core::Decoded decode_instruction();
    bool guest_access(u64 linear, u32 size, u64& value, bool write);
    void raise_access_fault(const core::WalkResult& walked, u64 linear);

    // mmio.cpp
    void handle_ept_violation(u64 qualification);
    void handle_apic_access(u64 qualification);
    void fail_delivery();
    void fail_translation(u64 linear);
    void handle_memory_access(u64 address);
    void emulate_memory_access(const core::Instruction& instruction, u64 address);
    bool execute_memory(const core::Instruction& instruction, core::Registers& registers,
                        u64 address);
    bool execute_string(const core::Instruction& instruction, core::Registers& registers);
    [[nodiscard]] u64 segment_base(const core::Instruction& instruction,
                                   core::Segment segment) const;
    u64 device_read(u64 address, u32 size);
    void device_write(u64 address, u32 size, u64 value);

    Guest& guest_;
    const Capabilities& capabilities_;
    VcpuPages pages_;
    core::Registers registers_; // RSP, RIP and RFLAGS are in the VMCS between exits
    u32 processor_controls_ = 0;
    u32 processor_controls2_ = 0;
    u32 timer_value_ = 0;
    u64 console_deadline_ = core::LocalApic::never;
    u64 xcr0_ = 1;
    bool launched_ = false;
    bool look_at_interrupts_ = true; // something may have become deliverable
    bool nmi_pending_ = false;
    bool wakes_ = false;   // what prepare_interrupts() found ends a HLT
    bool halted_ = false;  // by HLT; the firmware waits in the guest's stead
    bool listens_ = false; // when it is halted: its last HLT was over soon
    u64 halted_since_ = 0; // TSC
    core::CpuidTable cpuid_;
    u64 exit_counts_[exit_reasons]{};
};

} // namespace cloison::vtx
