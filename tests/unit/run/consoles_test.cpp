// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/consoles.hpp"

#include "partitions/run/files.hpp"

#include <gtest/gtest.h>

namespace cloison::run {

namespace {

struct ConsolesTest : ::testing::Test {
    RunFolder folder{{}};
    std::vector<Expectation> partitions = [] {
        std::vector<Expectation> list(2);
        list[0].name = "alpha", list[0].channel = 1;
        list[1].name = "beta", list[1].channel = 2;
        return list;
    }();
    std::map<u32, std::string> seen;
    Consoles::Sink sink = [this](u32 channel, std::string_view bytes) { seen[channel] += bytes; };

    std::string contents(const char* name) {
        auto bytes = read_file(folder.path() / name);
        return {bytes.begin(), bytes.end()};
    }
};

std::string multiplexed(std::initializer_list<std::pair<u32, std::string_view>> texts) {
    abi::ConsoleMux mux;
    std::string line;
    for (auto [channel, text] : texts)
        for (char c : text) {
            auto sequence = mux.encode(channel, static_cast<u8>(c));
            line.append(reinterpret_cast<const char*>(sequence.bytes), sequence.count);
        }
    return line;
}

TEST_F(ConsolesTest, ChannelsAreTakenApart) {
    Consoles consoles(folder.path(), console_names(partitions), LineUse::multiplexed);
    consoles.feed(multiplexed({{0, "@entry\r\n"}, {1, "one\x10"}, {2, "two"}, {1, "+"}}), sink);
    EXPECT_EQ(seen[0], "@entry\r\n");
    EXPECT_EQ(seen[1], "one\x10+");
    EXPECT_EQ(seen[2], "two");
    EXPECT_EQ(contents("firmware.log"), "@entry\r\n");
    EXPECT_EQ(contents("alpha.console"), "one\x10+");
    EXPECT_EQ(contents("beta.console"), "two");
}

// The line comes in pieces that know nothing of sequences.
TEST_F(ConsolesTest, ByteByByteIsTheSame) {
    Consoles consoles(folder.path(), console_names(partitions), LineUse::multiplexed);
    for (char c : multiplexed({{2, "b\x10"}, {1, "a"}, {2, "c"}}))
        consoles.feed({&c, 1}, sink);
    EXPECT_EQ(seen[1], "a");
    EXPECT_EQ(seen[2], "b\x10"
                       "c");
}

TEST_F(ConsolesTest, AChannelOfNobodyDoesNoHarm) {
    Consoles consoles(folder.path(), console_names(partitions), LineUse::multiplexed);
    consoles.feed(multiplexed({{99, "lost"}, {1, "kept"}}), sink);
    EXPECT_EQ(contents("alpha.console"), "kept");
}

TEST_F(ConsolesTest, TheSecondLineHasChannelsOfItsOwn) {
    std::vector<ConsoleName> served{{served_channels + 1, "alpha.0.console"}};
    Consoles consoles(folder.path(), served, LineUse::served);
    consoles.feed(multiplexed({{0, "nobody"}, {1, "one"}}), sink);
    EXPECT_EQ(seen[served_channels + 1], "one");
    EXPECT_EQ(seen[1], "");
    EXPECT_EQ(contents("alpha.0.console"), "one");
    EXPECT_TRUE(consoles.has(served_channels + 1));
    EXPECT_FALSE(consoles.has(1));
}

TEST_F(ConsolesTest, KeysAreSentAsTheLineHasThem) {
    std::vector<ConsoleName> served{{served_channels + 2, "alpha.1.console"}};
    Consoles first(folder.path(), console_names(partitions), LineUse::multiplexed);
    Consoles second(folder.path(), served, LineUse::served);
    Consoles only(folder.path(), console_names(partitions), LineUse::one_guest);
    EXPECT_EQ(first.encode(2, 'x'), multiplexed({{2, "x"}}));
    EXPECT_EQ(first.encode(2, '\x10'), "\x10\x10"); // still current
    EXPECT_EQ(second.encode(served_channels + 2, 'x'), multiplexed({{2, "x"}}));
    EXPECT_EQ(only.encode(2, '\x10'), "\x10");
}

TEST_F(ConsolesTest, WithoutTheFirmwareTheGuestHasTheLineOnceStarted) {
    partitions.resize(1);
    Consoles consoles(folder.path(), console_names(partitions), LineUse::one_guest);
    consoles.feed("@entry tsc=1\r\n@star", sink);
    consoles.feed("ted name=alpha tsc=2\r\nLinux\x10", sink);
    consoles.feed(" version\n", sink);
    EXPECT_EQ(seen[0], "@entry tsc=1\r\n@started name=alpha tsc=2\r\n");
    EXPECT_EQ(seen[1], "Linux\x10 version\n"); // no sequences here
    EXPECT_EQ(contents("alpha.console"), seen[1]);
}

} // namespace

} // namespace cloison::run
