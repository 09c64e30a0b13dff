// SPDX-License-Identifier: Apache-2.0
// The 8254 timer of a PC: counter 0 is IRQ 0, counter 2 the loudspeaker that Linux measures clocks
// with, and port 0x61 holds counter 2's gate.
#pragma once

#include "firmware/abi/guest_map.hpp"
#include "firmware/core/devices/clock.hpp"
#include "firmware/core/devices/pit_channel.hpp"

#include <array>

namespace cloison::core {

class Pit {
  public:
    static constexpr u64 input_hz = 1'193'182;

    explicit Pit(Clock clock);

    /// Ports guest_map::pit to pit + 3.
    [[nodiscard]] u8 read(u16 port, u64 now);
    void write(u16 port, u8 value, u64 now);
    /// Port guest_map::system_control_b.
    [[nodiscard]] u8 read_control_b(u64 now) const;
    void write_control_b(u8 value, u64 now);

    /// True when IRQ 0 has risen, once or more often, since the last call.
    bool advance(u64 now);
    /// The tick at which IRQ 0 next rises, or never.
    [[nodiscard]] u64 next_rise() const { return next_rise_; }

  private:
    void write_control(u8 value, u64 cycle);
    void read_back(u8 command, u64 cycle);
    void plan(u64 cycle);

    Rate rate_;
    // As a BIOS leaves them: 18.2 Hz on IRQ 0, memory refresh, loudspeaker off.
    std::array<PitChannel, 3> channels_{PitChannel{0x36, 0, true}, PitChannel{0x54, 18, true},
                                        PitChannel{0xB6, 0, false}};
    u64 next_rise_ = never;
    bool rose_ = false; // a control word raised the output
    u8 control_b_ = 0;  // its bits that can be written
};

} // namespace cloison::core
