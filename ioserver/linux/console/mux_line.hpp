// SPDX-License-Identifier: Apache-2.0
// All consoles on one serial line, in both directions (firmware/abi/console.hpp): what is outside
// this machine takes them apart.
#pragma once

#include "firmware/abi/console.hpp"
#include "ioserver/linux/console/concentrator.hpp"
#include "ioserver/linux/event_loop.hpp"

#include <vector>

namespace cloison::io {

class MuxLine {
  public:
    /// Channels of a line but the first, which is nobody's here.
    static constexpr u32 max_consoles = abi::console_channels - 1;
    /// What waits at most for a guest that takes no input; more is dropped, so that one guest does
    /// not hold up the line for the others.
    static constexpr usize most_input = 4096;

    /// Opens the terminal `path` and makes it raw. Throws ServerError.
    MuxLine(EventLoop& loop, const std::string& path);
    ~MuxLine();
    MuxLine(const MuxLine&) = delete;
    MuxLine& operator=(const MuxLine&) = delete;

    /// Gives the console the next channel, from 1. Throws ServerError when there is none left.
    void add(Concentrator& console);
    /// Some guest takes input again.
    void resume();

  private:
    struct Channel {
        Concentrator* console = nullptr;
        Concentrator::Id id = 0;
        std::string input; // not taken by the guest yet
    };

    void watch();
    void on_event();
    void read_input();
    void hand_over(Channel& channel);
    usize write_output(u32 channel, std::string_view text);
    void send();

    EventLoop& loop_;
    std::string path_;
    Descriptor terminal_;
    std::vector<Channel> channels_;
    abi::ConsoleMux mux_;
    abi::ConsoleDemux demux_;
    std::string output_; // encoded, not taken by the line yet
    usize next_ = 0;     // channel whose turn it is when there is room
    bool gone_ = false;
};

} // namespace cloison::io
