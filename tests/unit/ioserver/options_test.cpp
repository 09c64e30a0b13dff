// SPDX-License-Identifier: Apache-2.0
// The I/O server's command line.
#include "ioserver/linux/error.hpp"
#include "ioserver/linux/options.hpp"

#include <gtest/gtest.h>

namespace cloison::io {
namespace {

ServerOptions parse(std::vector<std::string> words) {
    return parse_options(words);
}

TEST(IoserverOptions, PairsSocketsWithDisks) {
    ServerOptions options =
        parse({"--vhost-user-blk", "a", "--disk", "one,read-only", "--vhost-user-blk", "b",
               "--disk", "two,x,serial=S1,read-only", "--queues", "4", "--poll"});
    ASSERT_EQ(options.disks.size(), 2u);
    EXPECT_EQ(options.disks[0].socket, "a");
    EXPECT_EQ(options.disks[0].image, "one");
    EXPECT_TRUE(options.disks[0].read_only);
    EXPECT_EQ(options.disks[1].image, "two,x"); // only what is known is taken off
    EXPECT_EQ(options.disks[1].serial, "S1");
    EXPECT_EQ(options.queues, 4);
    EXPECT_TRUE(options.poll);
}

TEST(IoserverOptions, Ports) {
    ServerOptions options =
        parse({"--vhost-user-net", "a,vlan=7", "--vhost-user-net", "b,mac=02:00:00:00:00:fe",
               "--tap", "t0,trunk,vlan=0", "--vhost-user-rng", "r"});
    ASSERT_EQ(options.ports.size(), 2u);
    EXPECT_EQ(options.ports[0].name, "a");
    EXPECT_EQ(options.ports[0].config.vlan, 7);
    EXPECT_NE(options.ports[0].mac, options.ports[1].mac);
    EXPECT_EQ(options.ports[1].mac[5], 0xFE);
    EXPECT_TRUE(options.taps.at(0).config.trunk);
    EXPECT_EQ(options.entropy, std::vector<std::string>{"r"});
}

TEST(IoserverOptions, Consoles) {
    ServerOptions options = parse({"--vhost-user-console", "c,pty=p,tcp=2300,log=l"});
    EXPECT_EQ(options.consoles.at(0).socket, "c");
    EXPECT_EQ(options.consoles.at(0).pty, "p");
    EXPECT_EQ(options.consoles.at(0).log, "l");
    EXPECT_EQ(options.consoles.at(0).tcp, 2300);
}

TEST(IoserverOptions, AdaptersAndCommands) {
    ServerOptions options = parse({"--adapters", "--poll", "--manifest", "m", "--state", "s",
                                   "--console-line", "/dev/ttyS1"});
    EXPECT_TRUE(options.adapters);
    EXPECT_TRUE(options.poll);
    EXPECT_EQ(options.manifest, "m");
    EXPECT_EQ(options.state, "s");
    EXPECT_EQ(options.console_line, "/dev/ttyS1");
    EXPECT_TRUE(options.command.empty());
    using Words = std::vector<std::string>;
    EXPECT_EQ(parse({"console", "alpha.0", "--state", "s"}).command, (Words{"console", "alpha.0"}));
    EXPECT_EQ(parse({"console"}).command, Words{"console"});
    EXPECT_EQ(parse({"link", "alpha.net0", "down"}).command, (Words{"link", "alpha.net0", "down"}));
}

TEST(IoserverOptions, SaysWhatMakesNoSense) {
    const std::vector<std::vector<std::string>> wrong = {
        {},
        {"--disk", "a"},
        {"--vhost-user-blk", "a"},
        {"--vhost-user-blk", "a", "--disk", ""},
        {"--vhost-user-blk", "a", "--disk", "b,serial=123456789012345678901"},
        {"--vhost-user-blk", "a", "--disk", "b", "--queues", "0"},
        {"--vhost-user-blk", "a", "--disk", "b", "--queues", "17"},
        {"--vhost-user-blk", "a", "--disk", "b", "extra"},
        {"--vhost-user-net", "a,vlan=4095"},
        {"--vhost-user-net", "a,vlan=0"},
        {"--vhost-user-net", "a,vlan=1x"},
        {"--vhost-user-net", "a,mac=01:00:00:00:00:01"}, // a group
        {"--vhost-user-net", "a,mac=02:00:00:00:00"},
        {"--vhost-user-console", "c,tcp=0"},
        {"--vhost-user-console", "c,tcp=65536"},
        {"--vhost-user-console", ",pty=p"},
        {"--tap", "t0"}, // an uplink of nobody
        {"--no-such-option"},
        {"--adapters", "--vhost-user-rng", "r"},
        {"--adapters", "--tap", "t0"},
        {"--adapters", "stat"},
        {"--vhost-user-rng", "r", "--manifest", "m"},
        {"--vhost-user-rng", "r", "--console-line", "t"},
        {"consoles"},
        {"console", "a", "b"},
        {"console", "a b"},
        {"stat", "alpha"},
        {"link", "alpha.net0"},
        {"link", "alpha.net0", "sideways"}};
    for (const auto& words : wrong)
        EXPECT_THROW(parse(words), UsageError) << (words.empty() ? "" : words.back());
    EXPECT_TRUE(parse({"--help"}).help);
    EXPECT_NE(help_text().find("--vhost-user-blk"), std::string::npos);
}

} // namespace
} // namespace cloison::io
