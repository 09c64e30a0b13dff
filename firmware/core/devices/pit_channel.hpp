// SPDX-License-Identifier: Apache-2.0
// One counter of the 8254 timer (Intel 82C54, 231244), as a function of time.
//
// Time comes as completed cycles of the counter's clock, and never runs backwards. A count that is
// written is loaded at the next cycle; from there on, output and counting element follow from how
// many cycles have passed.
#pragma once

#include "firmware/abi/types.hpp"

#include <optional>

namespace cloison::core {

class PitChannel {
  public:
    static constexpr u64 no_cycle = ~u64{0};

    /// `control`: a control word as for write_control(). `count` is loaded at cycle 0.
    PitChannel(u8 control, u16 count, bool gate);

    /// A control word for this counter, other than a latch command.
    void write_control(u8 control, u64 cycle);
    void write_count(u8 byte, u64 cycle);
    [[nodiscard]] u8 read(u64 cycle);
    void latch_count(u64 cycle);
    void latch_status(u64 cycle);
    void set_gate(bool gate, u64 cycle);

    /// The OUT pin at `cycle`, not before the last event.
    [[nodiscard]] bool output(u64 cycle) const;
    /// The first cycle after `cycle` at which OUT rises, or no_cycle.
    [[nodiscard]] u64 next_rise(u64 cycle) const;

  private:
    /// A count from the cycle when it is loaded; a period may begin with `phase` cycles behind it.
    struct Run {
        u64 start = 0;
        u32 count = 2;
        u64 phase = 0;
    };

    [[nodiscard]] bool periodic() const { return mode_ == 2 || mode_ == 3; }
    [[nodiscard]] bool triggered() const { return mode_ == 1 || mode_ == 5; }
    [[nodiscard]] bool paused() const { return !gate_ && !triggered(); }
    /// Cycles that OUT is high, from the start of a period; modes 2 and 3.
    [[nodiscard]] u64 high_cycles(u32 count) const {
        return mode_ == 2 ? count - 1 : (count + 1) / 2;
    }
    /// The run that counts at `cycle`.
    [[nodiscard]] const Run& current(u64 cycle) const { return cycle >= switch_ ? next_ : run_; }
    /// Cycles that the run has counted; just its phase when the count is still to be loaded.
    [[nodiscard]] u64 elapsed(const Run& run, u64 cycle) const;
    [[nodiscard]] u16 counting_element(u64 cycle) const;
    [[nodiscard]] u8 status(u64 cycle) const;
    [[nodiscard]] u32 decode(u16 written) const;
    void load(u32 count, u64 cycle);
    void settle(u64 cycle);

    Run run_;
    Run next_;                 // modes 2 and 3: takes over when the present period or half is over,
    u64 switch_ = no_cycle;    // at this cycle
    u64 paused_at_ = no_cycle; // modes 0 and 4: where the gate stopped counting
    u32 register_ = 0;         // modes 1 and 5: count for the next trigger
    u8 control_ = 0;           // bits 5 to 0 of the control word
    u8 mode_ = 0;
    bool gate_ = true;
    bool loaded_ =
        false; // a count was written since the control word; modes 1 and 5: and triggered
    bool written_ = false; // modes 1 and 5: register_ holds a count
    u8 low_byte_ = 0;
    bool write_high_ = false; // next byte written, with low-high access, is the high one
    bool read_high_ = false;
    std::optional<u16> latched_count_;
    std::optional<u8> latched_status_;
};

} // namespace cloison::core
