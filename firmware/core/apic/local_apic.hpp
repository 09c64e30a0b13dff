// SPDX-License-Identifier: Apache-2.0
// A guest's local APIC (SDM vol. 3A, chapter 11), on a register page in the layout of the VMX
// virtual-APIC page: where the CPU virtualises the APIC it works on the same page, and this class
// only does what is left; where it does not, this class does it all.
#pragma once

#include "firmware/abi/types.hpp"

#include <optional>

namespace cloison::core {

/// Registers by number: offset / 16 in xAPIC mode, MSR index - 0x800 in x2APIC mode.
namespace apic_reg {
inline constexpr u32 id = 0x02, version = 0x03, tpr = 0x08, arbitration = 0x09, ppr = 0x0A,
                     eoi = 0x0B, ldr = 0x0D, dfr = 0x0E, svr = 0x0F, isr = 0x10, tmr = 0x18,
                     irr = 0x20, esr = 0x28, icr = 0x30, icr_high = 0x31, lvt_timer = 0x32,
                     lvt_thermal = 0x33, lvt_performance = 0x34, lvt_lint0 = 0x35, lvt_lint1 = 0x36,
                     lvt_error = 0x37, initial_count = 0x38, current_count = 0x39, divide = 0x3E,
                     self_ipi = 0x3F;
}

/// Delivery modes of the ICR, of LVT entries and of I/O APIC messages.
enum class Delivery : u8 {
    fixed = 0,
    lowest_priority = 1,
    smi = 2,
    nmi = 4,
    init = 5,
    startup = 6,
    external = 7
};

/// What a register write asks the environment to do.
struct ApicEffect {
    enum class Kind : u8 { none, ipi, end_of_interrupt } kind = Kind::none;
    u8 vector = 0; // end_of_interrupt: the level-triggered vector to announce to the I/O APIC
    u64 icr = 0;   // ipi: the command, destination in the high half in the form of the APIC's mode
};

class LocalApic {
  public:
    static constexpr u64 never = ~u64{0};

    /// `page` has 4 KiB, zeroed; `id` is the virtual APIC ID. Counts time in TSC ticks.
    void attach(u32* page, u32 id, bool boot_cpu);

    /// State after power-on or INIT (11.4.7.1, 11.4.7.3); INIT keeps the ID and the mode's base
    /// register.
    void reset(bool keep_base);

    [[nodiscard]] u32 id() const { return id_; }
    [[nodiscard]] u64 base() const { return base_; }
    [[nodiscard]] bool enabled() const { return (base_ & base_enable) != 0; }
    [[nodiscard]] bool x2apic() const { return (base_ & base_x2apic) != 0; }
    [[nodiscard]] bool software_enabled() const {
        return enabled() && (get(apic_reg::svr) & 0x100) != 0;
    }

    /// IA32_APIC_BASE: false where hardware raises #GP (11.12.5: illegal transitions, reserved
    /// bits). The APIC cannot be moved: a guest that tries gets #GP too.
    bool write_base(u64 value);

    /// nullopt: #GP in x2APIC mode; the caller answers 0 in xAPIC mode.
    [[nodiscard]] std::optional<u64> read(u32 reg, u64 now) const;
    /// nullopt as for read. In x2APIC mode `value` is 64 bits for the ICR.
    std::optional<ApicEffect> write(u32 reg, u64 value, u64 now);

    /// IA32_TSC_DEADLINE.
    [[nodiscard]] u64 tsc_deadline() const;
    void write_tsc_deadline(u64 value);

    /// When the timer next fires, in TSC ticks; `never` when it is off.
    [[nodiscard]] u64 deadline() const { return deadline_; }
    /// Runs the timer up to `now`, requesting its interrupt if it fired.
    void run_timer(u64 now);

    /// Requests interrupt `vector`; dropped while the APIC is software-disabled.
    void request(u8 vector, bool level);
    /// The delivery mode and vector of an LVT entry, or nullopt when masked.
    [[nodiscard]] std::optional<u32> lvt(u32 reg) const;

    /// Highest requested vector, or -1. For RVI where the CPU delivers.
    [[nodiscard]] int highest_requested() const { return highest(apic_reg::irr); }
    /// Highest vector in service, or -1. For SVI.
    [[nodiscard]] int highest_in_service() const { return highest(apic_reg::isr); }
    /// The vector to inject now where the firmware delivers: requested and above the processor
    /// priority.
    [[nodiscard]] int deliverable() const {
        int vector = highest_requested();
        return delivers(vector) ? vector : -1;
    }
    /// The same for that vector, which is the highest requested, or -1.
    [[nodiscard]] bool delivers(int vector) const;
    /// Moves `vector` from requested to in service.
    void accept(u8 vector);
    /// Ends the highest interrupt in service; returns its vector if it was level-triggered.
    std::optional<u8> end_of_interrupt();

    /// True when a message to `destination` reaches this APIC (11.6.2). Broadcasts included.
    [[nodiscard]] bool matches(u32 destination, bool logical, bool x2apic_format) const;

    u32* page() { return regs_; }

  private:
    static constexpr u64 base_enable = 1 << 11, base_x2apic = 1 << 10, base_boot = 1 << 8;
    static constexpr u64 base_address = 0xFEE00000;
    static constexpr u32 lvt_masked = 1 << 16;
    static constexpr u32 timer_periodic = 1, timer_deadline = 2; // bits 18:17 of the timer's entry

    [[nodiscard]] u32 get(u32 reg) const { return regs_[usize{reg} * 4]; }
    void set(u32 reg, u32 value) { regs_[usize{reg} * 4] = value; }
    [[nodiscard]] int highest(u32 first) const;
    void set_bit(u32 first, u8 vector, bool on);
    [[nodiscard]] u32 timer_mode() const { return get(apic_reg::lvt_timer) >> 17 & 3; }
    [[nodiscard]] u32 divide_shift() const;
    [[nodiscard]] u32 current_count(u64 now) const;
    void start_count(u64 now);
    void write_lvt(u32 reg, u32 value);
    void update_ppr();

    u32* regs_ = nullptr;
    u64 base_ = 0;
    u64 deadline_ = never;
    u32 id_ = 0;
};

} // namespace cloison::core
