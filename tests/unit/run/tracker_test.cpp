// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/tracker.hpp"

#include <gtest/gtest.h>

namespace cloison::run {

namespace {

std::vector<Expectation> two() {
    std::vector<Expectation> list(2);
    list[0].name = "alpha", list[0].channel = 1;
    list[1].name = "beta", list[1].channel = 2;
    return list;
}

struct TrackerTest : ::testing::Test {
    std::vector<std::string> notices;
    Tracker tracker{two(), [this](const Notice& n) { notices.push_back(n.who + ": " + n.what); }};

    const PartitionState& alpha() { return tracker.partitions()[0]; }
    const PartitionState& beta() { return tracker.partitions()[1]; }
};

TEST_F(TrackerTest, FollowsAPartitionFromPowerOnToPowerOff) {
    EXPECT_EQ(alpha().stage, Stage::waiting);
    tracker.feed_log(
        "@entry version=0.1.0 tsc=100\r\n@clock tsc-hz=50000000\r\n"
        "@memory used=299008 text=80000\r\n@started name=alpha tsc=200 scrub=1 load=2\r\n");
    EXPECT_EQ(tracker.firmware().entry_tsc, 100u);
    EXPECT_EQ(tracker.firmware().tsc_hz, 50000000u);
    EXPECT_EQ(tracker.firmware().memory_used, 299008u);
    EXPECT_EQ(alpha().stage, Stage::started);
    EXPECT_EQ(alpha().started_tsc, 200u);
    EXPECT_EQ(beta().stage, Stage::waiting);

    tracker.feed_console(1, "[    0.000000] Linux version 6.1.0-56-cloud-amd64 (x@y)\r\n");
    EXPECT_EQ(alpha().stage, Stage::kernel);
    tracker.feed_console(1, "@guest init tsc=300\r\n");
    EXPECT_EQ(alpha().stage, Stage::init);
    EXPECT_EQ(alpha().init_tsc, 300u);
    tracker.feed_console(1, "@guest report cpus=2 memory=268042240 kernel=6.1.0 cmdline=a b\r\n");
    EXPECT_EQ(alpha().stage, Stage::reported);
    ASSERT_TRUE(alpha().report);
    EXPECT_EQ(alpha().report->cpus, 2u);
    EXPECT_EQ(alpha().report->memory, 268042240u);
    EXPECT_EQ(alpha().report->kernel, "6.1.0");
    EXPECT_EQ(alpha().report->command_line, "a b");

    tracker.feed_log("@stopped name=alpha reason=power-off tsc=400 exits=55\r\n");
    EXPECT_EQ(alpha().stage, Stage::stopped);
    EXPECT_EQ(alpha().stop_reason, "power-off");
    EXPECT_EQ(alpha().exits, 55u);
    EXPECT_EQ(tracker.last_tsc(), 400u);
    EXPECT_EQ(notices, (std::vector<std::string>{
                           "firmware: entered, version 0.1.0", "alpha: powered on",
                           "alpha: kernel 6.1.0-56-cloud-amd64", "alpha: init",
                           "alpha: reports 2 CPUs, 261760 KiB", "alpha: powered off"}));
    EXPECT_FALSE(tracker.finished());
}

TEST_F(TrackerTest, FinishedWhenHaltedOrWhenNobodyRuns) {
    tracker.feed_log("@stopped name=alpha reason=power-off tsc=1 exits=1\n");
    EXPECT_FALSE(tracker.finished());
    tracker.feed_log("@stopped name=beta reason=triple-fault tsc=2 exits=1\n");
    EXPECT_TRUE(tracker.finished());
    EXPECT_FALSE(tracker.firmware().halted);
    tracker.feed_log("@halt\r\n");
    EXPECT_TRUE(tracker.firmware().halted);
}

TEST_F(TrackerTest, AServerGoesOnWhenItsClientsHaveStopped) {
    auto list = two();
    list[0].server = true;
    Tracker served{list};
    EXPECT_FALSE(served.finished());
    served.feed_log("@stopped name=beta reason=power-off tsc=1 exits=1\r\n");
    EXPECT_TRUE(served.finished());
    list[1].server = true; // nobody but servers: they are what runs
    Tracker servers{list};
    EXPECT_FALSE(servers.finished());
}

TEST(Tracker, WhatIsStartedAnewBeginsAnew) {
    std::vector<Expectation> list = two();
    list[0].started_anew = true;
    Tracker tracker(list);
    const PartitionState& alpha = tracker.partitions()[0];
    tracker.feed_log("@started name=alpha tsc=1\r\n@started name=beta tsc=1\r\n");
    tracker.feed_console(1, "@guest init tsc=2\r\n@guest served disk=failed error=5\r\n");
    tracker.feed_log("@stopped name=beta reason=reset tsc=3 exits=4\r\n"
                     "@stopped name=alpha reason=triple-fault tsc=3 exits=4\r\n");
    EXPECT_FALSE(tracker.finished()) << "alpha comes again, beta does not";
    tracker.feed_log("@started name=alpha tsc=5\r\n");
    EXPECT_EQ(alpha.stage, Stage::started);
    EXPECT_EQ(alpha.restarts, 1u);
    EXPECT_EQ(alpha.stop_reason, "");
    EXPECT_TRUE(alpha.failures.empty());
    EXPECT_FALSE(alpha.init_tsc.has_value());
    tracker.feed_log("@stopped name=alpha reason=power-off tsc=6 exits=9\r\n");
    EXPECT_TRUE(tracker.finished());
}

TEST_F(TrackerTest, WhatAGuestTriedIsKept) {
    tracker.feed_console(1, "@guest served disk=ok disks=1 bytes=4194304\r\n"
                            "@guest served net=failed what=ping error=0\r\n"
                            "@guest ioserver ended=signal-9 start=2\r\n");
    EXPECT_EQ(alpha().checks, (std::vector<std::string>{"disk=ok disks=1 bytes=4194304"}));
    EXPECT_EQ(alpha().failures, (std::vector<std::string>{"net=failed what=ping error=0"}));
    EXPECT_EQ(notices.back(), "alpha: ended=signal-9 start=2");
    EXPECT_TRUE(beta().checks.empty());
}

TEST_F(TrackerTest, APanicIsAnEndTooAndTheNeighbourGoesOn) {
    tracker.feed_console(2, "[    1.0] Kernel panic - not syncing: No working init found.\n");
    EXPECT_EQ(beta().panic, "Kernel panic - not syncing: No working init found.");
    EXPECT_EQ(alpha().panic, "");
    EXPECT_FALSE(tracker.finished());
    tracker.feed_log("@stopped name=alpha reason=power-off tsc=1 exits=1\n");
    EXPECT_TRUE(tracker.finished());
}

TEST_F(TrackerTest, MissingFeaturesAreCollected) {
    tracker.feed_log("@missing feature=vmx\r\n@missing feature=ept\r\n@halt\r\n");
    EXPECT_EQ(tracker.firmware().missing, (std::vector<std::string>{"vmx", "ept"}));
    EXPECT_TRUE(tracker.finished());
}

TEST_F(TrackerTest, RefusalAndPanicKeepTheirLines) {
    tracker.feed_log("@refuse rule=memory-overlap first=1 second=2\r\n");
    EXPECT_EQ(tracker.firmware().refusal, "refuse rule=memory-overlap first=1 second=2");
    EXPECT_FALSE(tracker.finished()); // @halt is still to come
    tracker.feed_log("@panic at=exceptions.cpp\r\n");
    EXPECT_EQ(tracker.firmware().panic, "panic at=exceptions.cpp");
    EXPECT_TRUE(tracker.finished());
}

// A guest has only its own console: what the firmware would say is nothing there, nor the other way
// round.
TEST_F(TrackerTest, GuestsCannotSpeakForTheFirmwareOrForEachOther) {
    tracker.feed_console(1, "@halt\n@stopped name=beta reason=power-off tsc=1 exits=1\n"
                            "@missing feature=vmx\n@panic x=y\n");
    EXPECT_FALSE(tracker.firmware().halted);
    EXPECT_TRUE(tracker.firmware().missing.empty());
    EXPECT_TRUE(tracker.firmware().panic.empty());
    EXPECT_EQ(beta().stage, Stage::waiting);
    tracker.feed_log("@guest init tsc=5\n");
    EXPECT_FALSE(alpha().init_tsc);
    tracker.feed_console(2, "@guest init tsc=5\n");
    EXPECT_FALSE(alpha().init_tsc);
    EXPECT_EQ(beta().init_tsc, 5u);
}

TEST_F(TrackerTest, StagesNeverGoBack) {
    tracker.feed_log("@stopped name=alpha reason=power-off tsc=1 exits=1\n");
    tracker.feed_console(1, "late words\n@guest init tsc=5\n");
    EXPECT_EQ(alpha().stage, Stage::stopped);
}

TEST_F(TrackerTest, UnknownPartitionsChannelsAndFieldsAreIgnored) {
    tracker.feed_log("@started name=gamma tsc=1\n@started\n@entry\n@stopped name=alpha\n");
    tracker.feed_console(77, "@guest init tsc=1\n");
    EXPECT_FALSE(tracker.firmware().entry_tsc);
    EXPECT_EQ(beta().stage, Stage::waiting);
    EXPECT_EQ(alpha().stage, Stage::stopped);
    EXPECT_FALSE(alpha().exits);
}

TEST_F(TrackerTest, WithoutTheFirmwareTheMachinesEndIsThePartitions) {
    EXPECT_FALSE(alpha().powering_off);
    tracker.feed_console(1, "[    2.2] reboot: Power down\r\n");
    EXPECT_TRUE(alpha().powering_off);
    tracker.power_off(0);
    EXPECT_EQ(alpha().stage, Stage::stopped);
    EXPECT_EQ(alpha().stop_reason, "power-off");
}

TEST(Tracker, APartitionWithoutConsoleHearsNoOtherChannel) {
    std::vector<Expectation> list(1);
    list[0].name = "mute";
    Tracker tracker(list);
    tracker.feed_console(0, "@guest init tsc=1\n");
    EXPECT_EQ(tracker.partitions()[0].stage, Stage::waiting);
}

} // namespace

} // namespace cloison::run
