// SPDX-License-Identifier: Apache-2.0
// Takes a serial line's stream apart and keeps each console in a file of its own.
#pragma once

#include "firmware/abi/console.hpp"
#include "partitions/run/tracker.hpp"

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <span>

namespace cloison::run {

/// How a line is shared.
enum class LineUse {
    multiplexed, // by channels, as the firmware does (firmware/abi/console.hpp)
    one_guest, // without the firmware: a loader's lines up to "@started", then the guest's console
    served,    // by channels, as the I/O server does on the second line
};

/// The second line's channels are counted from here, to tell them from those of the first.
inline constexpr u32 served_channels = 0x1000;

/// A console and where it speaks.
struct ConsoleName {
    u32 channel = 0;
    std::string name;
};

/// The firmware's log and the partitions' consoles.
std::vector<ConsoleName> console_names(std::span<const Expectation> partitions);

/// Files NAME.console and firmware.log in a folder; each byte goes on to whoever wants to see it.
class Consoles {
  public:
    /// Called with a run of bytes: channel 0 is the firmware's log.
    using Sink = std::function<void(u32 channel, std::string_view bytes)>;

    /// Throws RunError where a file cannot be made.
    Consoles(const std::filesystem::path& folder, std::span<const ConsoleName> names, LineUse use);

    void feed(std::string_view bytes, const Sink& sink);
    /// What to send for a key that is for the console on `channel`.
    std::string encode(u32 channel, char key);
    [[nodiscard]] bool has(u32 channel) const { return files_.contains(channel); }

  private:
    u32 channel_of(u8 byte, bool& valid);
    void deliver(u32 channel, std::string_view bytes, const Sink& sink);

    abi::ConsoleDemux demux_;
    abi::ConsoleMux mux_;
    LineUse use_;
    u32 guest_channel_ = 0;   // LineUse::one_guest
    bool guest_runs_ = false; // the same: "@started" is past
    std::string log_line_;    // the same: what there is of the loader's current line
    std::map<u32, std::ofstream> files_;
    std::string run_; // bytes for one channel, not yet delivered
};

} // namespace cloison::run
