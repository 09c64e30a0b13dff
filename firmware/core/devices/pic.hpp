// SPDX-License-Identifier: Apache-2.0
// The two cascaded 8259A interrupt controllers of a PC, with the edge/level control registers of
// its chipset. Data sheet: Intel 8259A, 231468; ELCR: 82371SB (PIIX3), 290550.
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::core {

/// One 8259A. Lines and priorities are 0 to 7.
class PicChip {
  public:
    /// `base`: vector of line 0. `cascade`: lines that another chip drives. `level_capable`: lines
    /// that the ELCR can make level-triggered. Starts as a BIOS hands it over: initialised, all
    /// masked.
    constexpr PicChip(u8 base, u8 cascade, u8 level_capable)
        : base_(base),
          cascade_(cascade),
          level_capable_(level_capable) {}

    void set_line(u32 line, bool level);

    /// The command port (IRR, ISR or a poll) and the data port (IMR).
    [[nodiscard]] u8 read_command();
    [[nodiscard]] u8 read_data() const { return mask_; }
    void write_command(u8 value);
    void write_data(u8 value);

    [[nodiscard]] u8 read_elcr() const { return level_; }
    void write_elcr(u8 value) { level_ = value & level_capable_; }

    /// INT: some request may interrupt.
    [[nodiscard]] bool output() const { return candidate() < lines; }
    /// The INTA cycle: takes the highest request into service and returns its line. Line 7, with
    /// nothing in service, when the request has vanished meanwhile.
    u32 acknowledge();
    [[nodiscard]] u8 vector(u32 line) const { return static_cast<u8>(base_ | line); }

  private:
    static constexpr u32 lines = 8;
    static constexpr u32 spurious_line = 7;

    [[nodiscard]] u8 requests() const {
        return static_cast<u8>((latched_ & ~level_) | (lines_ & level_));
    }
    /// Place in the present order of priority of the foremost of `bits`; 0 is highest, `lines` is
    /// none.
    [[nodiscard]] u32 rank(u8 bits) const;
    [[nodiscard]] u32 line_of_rank(u32 rank) const { return (lowest_ + 1 + rank) % lines; }
    /// The line that an acknowledge would get, or `lines`.
    [[nodiscard]] u32 candidate() const;
    void initialise(u8 icw1);
    void write_ocw2(u8 value);
    void write_ocw3(u8 value);

    u8 base_;
    u8 cascade_;
    u8 level_capable_;
    u8 lines_ = 0;   // inputs as they are
    u8 latched_ = 0; // edges not yet acknowledged
    u8 level_ = 0;   // ELCR: 1 = level-triggered
    u8 mask_ = 0xFF;
    u8 service_ = 0;
    u8 lowest_ = 7;   // line of lowest priority
    u8 next_icw_ = 0; // 2 to 4 while being initialised
    bool single_ = false;
    bool needs_icw4_ = false;
    bool auto_eoi_ = false;
    bool rotate_on_auto_eoi_ = false;
    bool fully_nested_ = false; // special fully nested mode
    bool special_mask_ = false;
    bool read_service_ = false;
    bool poll_ = false;
};

/// Both chips and their ELCRs. ISA interrupts are 0 to 15; 2 is the cascade.
class Pic {
  public:
    void set_line(u32 irq, bool level);

    /// Ports guest_map::pic1, pic2 and elcr, and the one behind each.
    [[nodiscard]] u8 read(u16 port);
    void write(u16 port, u8 value);

    /// The INTR line.
    [[nodiscard]] bool output() const { return master_.output(); }
    /// What the CPU's acknowledge cycle reads: a vector.
    u8 acknowledge();
    /// True when a rising edge of `irq` would raise output(), which is low now.
    [[nodiscard]] bool would_raise(u32 irq) const;

  private:
    static constexpr u32 cascade_line = 2;

    void cascade() { master_.set_line(cascade_line, slave_.output()); }

    // IRQ 0, 1, 2, 8 and 13 are always edge-triggered.
    PicChip master_{0x08, 1 << cascade_line, 0xF8};
    PicChip slave_{0x70, 0, 0xDE};
};

} // namespace cloison::core
