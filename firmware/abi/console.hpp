// SPDX-License-Identifier: Apache-2.0
// How the firmware's log and the partitions' consoles share one serial line, in both directions.
//
// The line carries bytes of the current channel. DLE (0x10) introduces a two-byte sequence: DLE DLE
// is the byte 0x10; DLE followed by select_base + n makes channel n current. Channel 0, current at
// power-on, is the firmware's log; a partition's COM1 has the channel its PartitionRecord names.
// On a plain terminal the log reads as text; a sequence shows as one odd character.
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::abi {

inline constexpr u8 console_escape = 0x10;
inline constexpr u8 console_select_base = 0x20;
inline constexpr u32 console_channels = 0x100 - console_select_base; // 0 is the firmware's log

/// The receiving half: feed it each byte of the line.
class ConsoleDemux {
  public:
    struct Output {
        u32 channel = 0;
        u8 byte = 0;
        bool valid = false; // false: the byte was part of a sequence, nothing to deliver
    };

    constexpr Output feed(u8 byte) {
        if (!escaped_) {
            escaped_ = byte == console_escape;
            return {channel_, byte, !escaped_};
        }
        escaped_ = false;
        if (byte == console_escape)
            return {channel_, byte, true};
        if (byte >= console_select_base)
            channel_ = byte - console_select_base;
        return {channel_, 0, false}; // an unknown sequence is dropped
    }

  private:
    u32 channel_ = 0;
    bool escaped_ = false;
};

/// The sending half: turns a byte for a channel into the 1 to 4 bytes that go on the line.
class ConsoleMux {
  public:
    struct Sequence {
        u8 bytes[4]{};
        u32 count = 0;
    };

    constexpr Sequence encode(u32 channel, u8 byte) {
        Sequence s;
        if (channel != channel_) {
            s.bytes[s.count++] = console_escape;
            s.bytes[s.count++] = static_cast<u8>(console_select_base + channel);
            channel_ = channel;
        }
        if (byte == console_escape)
            s.bytes[s.count++] = console_escape;
        s.bytes[s.count++] = byte;
        return s;
    }

  private:
    u32 channel_ = 0;
};

} // namespace cloison::abi
