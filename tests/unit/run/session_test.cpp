// SPDX-License-Identifier: Apache-2.0
// Whole sessions with a shell script for an emulator: it writes to the FIFO what the firmware
// would.
#include "partitions/run/session.hpp"

#include "partitions/run/files.hpp"

#include <csignal>
#include <gtest/gtest.h>
#include <sstream>

namespace cloison::run {

namespace {

struct SessionTest : ::testing::Test {
    RunFolder folder{{}};
    std::vector<Expectation> expected = [] {
        std::vector<Expectation> list(1);
        list[0].name = "alpha", list[0].channel = 1;
        return list;
    }();
    std::vector<ConsoleName> served{{served_channels + 1, "alpha.0.console"}};
    Signals signals;
    std::ostringstream out;
    View view{out, ViewMode::events, expected};
    Tracker tracker{expected, [this](const Notice& n) { view.show(n); }};

    Ending run(const std::string& script, SessionLimits limits = {}) {
        LineUse use = limits.one_guest ? LineUse::one_guest : LineUse::multiplexed;
        // The line comes first, as in a real run: its FIFO must be there when the emulator starts.
        SerialLine line = SerialLine::fifo(folder.path() / "com1");
        std::vector<ConsoleLine> lines;
        lines.emplace_back(std::move(line), Consoles(folder.path(), console_names(expected), use));
        lines.emplace_back(SerialLine::fifo(folder.path() / "com2"),
                           Consoles(folder.path(), served, LineUse::served));
        Session session(
            {.arguments = {"sh", "-c", "exec > com1; " + script}, .folder = folder.path()},
            std::move(lines), signals, tracker, view, limits);
        return session.run();
    }
};

TEST_F(SessionTest, EndsAtHalt) {
    Ending ending = run("printf '@entry tsc=5\\r\\n@stopped name=alpha reason=power-off tsc=9 "
                        "exits=1\\r\\n@halt\\r\\n'; sleep 1000");
    EXPECT_EQ(ending.failure, "");
    EXPECT_EQ(ending.ticks, 9u);
    EXPECT_TRUE(tracker.firmware().halted);
    EXPECT_NE(out.str().find("powered off (tick 9)"), std::string::npos);
}

TEST_F(SessionTest, AnEmulatorThatEndsTooEarlyIsAFailure) {
    Ending ending = run("printf '@entry tsc=5\\r\\n'; exit 3");
    EXPECT_NE(ending.failure.find("exit status 3"), std::string::npos) << ending.failure;
    EXPECT_EQ(tracker.firmware().entry_tsc, 5u); // nothing that it wrote is lost
}

TEST_F(SessionTest, ATimeoutSaysHowFarEachPartitionGot) {
    Ending ending = run("printf '@entry tsc=5\\r\\n@started name=alpha tsc=6\\r\\n'; sleep 1000",
                        {.timeout = std::chrono::seconds(1)});
    EXPECT_EQ(ending.failure, "not finished after 1 s; alpha: powered on");
}

TEST_F(SessionTest, ATimeoutBeforeTheFirmware) {
    Ending ending = run("sleep 1000", {.timeout = std::chrono::seconds(1)});
    EXPECT_EQ(ending.failure, "not finished after 1 s; the firmware was not entered");
}

TEST_F(SessionTest, APanicEndsItAndItsLastWordsAreHeard) {
    Ending ending = run("printf '\\020\\041Kernel panic - not syncing: x\\r\\n'; sleep 0.2; "
                        "printf 'last words\\r\\n'; sleep 1000");
    EXPECT_EQ(ending.failure, "");
    EXPECT_EQ(tracker.partitions()[0].panic, "Kernel panic - not syncing: x");
    auto bytes = read_file(folder.path() / "alpha.console");
    EXPECT_NE(std::string(bytes.begin(), bytes.end()).find("last words"), std::string::npos);
}

TEST_F(SessionTest, ASignalEndsIt) {
    Ending ending =
        run("printf '@entry tsc=5\\r\\n'; kill -TERM " + std::to_string(getpid()) + "; sleep 1000");
    EXPECT_EQ(ending.signal, SIGTERM);
}

TEST_F(SessionTest, WithoutTheFirmwareThePowerOffIsTheEmulatorsEnd) {
    Ending ending = run("printf '@started name=alpha tsc=6\\r\\n[1.0] reboot: Power down\\r\\n'",
                        {.one_guest = true});
    EXPECT_EQ(ending.failure, "");
    EXPECT_EQ(tracker.partitions()[0].stop_reason, "power-off");
}

// The server has the second line; its clients' end is the run's, since it goes on.
TEST_F(SessionTest, ServedConsolesComeOverTheSecondLine) {
    Expectation& control = expected.emplace_back();
    control.name = "control", control.channel = 2, control.server = true;
    tracker = Tracker(expected);
    Ending ending = run("printf '\\020\\041from alpha.0' > com2; "
                        "printf '@stopped name=alpha reason=power-off tsc=9 exits=1\\r\\n'; "
                        "sleep 1000");
    EXPECT_EQ(ending.failure, "");
    auto bytes = read_file(folder.path() / "alpha.0.console");
    EXPECT_EQ(std::string(bytes.begin(), bytes.end()), "from alpha.0");
    EXPECT_EQ(tracker.partitions()[1].stage, Stage::waiting);
}

TEST_F(SessionTest, WithoutTheFirmwareACrashIsNone) {
    Ending ending = run("printf '@started name=alpha tsc=6\\r\\nLinux\\r\\n'", {.one_guest = true});
    EXPECT_NE(ending.failure.find("the emulator ended"), std::string::npos);
}

} // namespace

} // namespace cloison::run
