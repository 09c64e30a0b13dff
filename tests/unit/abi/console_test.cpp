// SPDX-License-Identifier: Apache-2.0
#include "firmware/abi/console.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace cloison::abi {
namespace {

std::map<u32, std::string> demultiplex(const std::string& line) {
    ConsoleDemux demux;
    std::map<u32, std::string> channels;
    for (char c : line) {
        if (auto out = demux.feed(static_cast<u8>(c)); out.valid)
            channels[out.channel] += static_cast<char>(out.byte);
    }
    return channels;
}

TEST(Console, EveryByteOfEveryChannelArrives) {
    ConsoleMux mux;
    std::string line;
    std::map<u32, std::string> sent;
    for (u32 i = 0; i < 256 * 3; ++i) {
        u32 channel = (i / 5) % console_channels;
        u8 byte = static_cast<u8>(i);
        sent[channel] += static_cast<char>(byte);
        auto sequence = mux.encode(channel, byte);
        line.append(reinterpret_cast<const char*>(sequence.bytes), sequence.count);
    }
    EXPECT_EQ(demultiplex(line), sent);
}

TEST(Console, PlainTextIsTheFirmwareLog) {
    EXPECT_EQ(demultiplex("ready\n"), (std::map<u32, std::string>{{0, "ready\n"}}));
}

TEST(Console, UnknownSequencesAreDropped) {
    EXPECT_EQ(demultiplex("a\x10\x01"
                          "b"),
              (std::map<u32, std::string>{{0, "ab"}}));
}

} // namespace
} // namespace cloison::abi
