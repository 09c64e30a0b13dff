// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/report.hpp"

#include <gtest/gtest.h>

namespace cloison::run {

namespace {

// A run in which everything is as it should be.
RunRecord good_run() {
    RunRecord run;
    run.firmware.entry_tsc = 1000;
    run.firmware.halted = true;
    PartitionState& alpha = run.partitions.emplace_back();
    alpha.expected = {"alpha", 2, 256 * mib, 256 * mib - 384 * kib, "console=ttyS0", 1};
    alpha.stage = Stage::stopped;
    alpha.stop_reason = "power-off";
    alpha.init_tsc = 5000;
    alpha.exits = 77;
    alpha.report = GuestReport{2, 256 * mib - 384 * kib, "6.1.0", "console=ttyS0"};
    return run;
}

std::vector<std::string> complaints_after(void (*change)(RunRecord&)) {
    RunRecord run = good_run();
    change(run);
    return complaints(run);
}

TEST(Report, NothingToComplainAbout) {
    EXPECT_TRUE(complaints(good_run()).empty());
}

TEST(Report, EachDifferenceFromTheLayoutIsNamed) {
    auto cpus = complaints_after([](RunRecord& run) { run.partitions[0].report->cpus = 1; });
    ASSERT_EQ(cpus.size(), 1u);
    EXPECT_EQ(cpus[0], "alpha has 2 CPUs, yet its guest sees 1");
    auto memory =
        complaints_after([](RunRecord& run) { run.partitions[0].report->memory += page_size; });
    ASSERT_EQ(memory.size(), 1u);
    EXPECT_NE(memory[0].find("bytes of usable memory"), std::string::npos);
    auto less = complaints_after([](RunRecord& run) { run.partitions[0].report->memory -= 1; });
    EXPECT_EQ(less.size(), 1u);
    auto line = complaints_after(
        [](RunRecord& run) { run.partitions[0].report->command_line += " quiet"; });
    ASSERT_EQ(line.size(), 1u);
    EXPECT_NE(line[0].find("command line"), std::string::npos);
}

TEST(Report, AGuestThatDoesNotReportIsAFailure) {
    auto found = complaints_after([](RunRecord& run) { run.partitions[0].report.reset(); });
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0], "alpha did not report from inside; it last was: powered off");
}

TEST(Report, APartitionWithoutConsoleNeedOnlyStop) {
    auto found = complaints_after([](RunRecord& run) {
        run.partitions[0].report.reset();
        run.partitions[0].expected.channel = 0;
    });
    EXPECT_TRUE(found.empty());
}

TEST(Report, EveryOtherEndIsAFailure) {
    for (const char* reason : {"reset", "triple-fault", "vm-entry-failure", "machine-check", ""}) {
        RunRecord run = good_run();
        run.partitions[0].stop_reason = reason;
        EXPECT_EQ(complaints(run).size(), 1u) << reason;
    }
    auto running =
        complaints_after([](RunRecord& run) { run.partitions[0].stage = Stage::reported; });
    EXPECT_EQ(running, (std::vector<std::string>{"alpha did not stop"}));
    auto panicked = complaints_after([](RunRecord& run) {
        run.partitions[0].panic = "Kernel panic - not syncing: x";
        run.partitions[0].stage = Stage::kernel;
        run.partitions[0].report.reset();
    });
    ASSERT_EQ(panicked.size(), 2u);
    EXPECT_EQ(panicked[0], "alpha: Kernel panic - not syncing: x");
}

TEST(Report, ACheckThatFailedInsideIsAFailure) {
    auto found = complaints_after([](RunRecord& run) {
        run.partitions[0].checks = {"disk=ok bytes=1"};
        run.partitions[0].failures = {"net=failed what=ping error=0"};
    });
    EXPECT_EQ(found, (std::vector<std::string>{"alpha reports net=failed what=ping error=0"}));
}

TEST(Report, AServerNeedNotStopButReport) {
    RunRecord run = good_run();
    run.partitions.push_back(run.partitions[0]);
    run.partitions[1].expected.name = "control";
    run.partitions[1].expected.server = true;
    run.partitions[1].stage = Stage::reported;
    EXPECT_TRUE(complaints(run).empty());
    run.partitions[1].report.reset();
    EXPECT_EQ(complaints(run).size(), 1u);
}

TEST(Report, WhatTheFirmwareSaysComesAlone) {
    auto missing = complaints_after([](RunRecord& run) {
        run.firmware.missing = {"vmx", "ept"};
        run.partitions[0].stage = Stage::waiting;
    });
    ASSERT_EQ(missing.size(), 1u);
    EXPECT_NE(missing[0].find("vmx, ept"), std::string::npos);
    auto refused = complaints_after([](RunRecord& run) { run.firmware.refusal = "refuse rule=x"; });
    ASSERT_EQ(refused.size(), 1u);
    EXPECT_NE(refused[0].find("rule=x"), std::string::npos);
    auto failed = complaints_after([](RunRecord& run) { run.firmware.panic = "panic at=y"; });
    ASSERT_EQ(failed.size(), 1u);
    EXPECT_NE(failed[0].find("at=y"), std::string::npos);
}

TEST(Report, ARunCutShortIsAFailureEvenIfAllReported) {
    auto found = complaints_after([](RunRecord& run) { run.ending.failure = "a timeout"; });
    EXPECT_EQ(found, (std::vector<std::string>{"a timeout"}));
    // What did not happen is the cut's fault; what did is not.
    auto unfinished = complaints_after([](RunRecord& run) {
        run.ending.failure = "a timeout";
        run.partitions[0].stage = Stage::kernel;
        run.partitions[0].report.reset();
    });
    EXPECT_EQ(unfinished, (std::vector<std::string>{"a timeout"}));
    auto wrong = complaints_after([](RunRecord& run) {
        run.ending.failure = "a timeout";
        run.partitions[0].report->cpus = 7;
    });
    EXPECT_EQ(wrong.size(), 2u);
    auto interrupted = complaints_after([](RunRecord& run) { run.ending.signal = 2; });
    EXPECT_EQ(interrupted, (std::vector<std::string>{"interrupted"}));
}

TEST(Report, TicksToInitCountFromTheFirmwaresEntry) {
    RunRecord run = good_run();
    EXPECT_EQ(ticks_to_init(run.firmware, run.partitions[0]), 4000u);
    run.partitions[0].init_tsc = 10; // before the entry: the guest's TSC is not the machine's
    EXPECT_FALSE(ticks_to_init(run.firmware, run.partitions[0]));
    run.partitions[0].init_tsc.reset();
    EXPECT_FALSE(ticks_to_init(run.firmware, run.partitions[0]));
}

} // namespace

} // namespace cloison::run
