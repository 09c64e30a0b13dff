// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/report.hpp"

#include <gtest/gtest.h>

namespace cloison::run {

namespace {

RunRecord run_of(const std::string& name) {
    RunRecord run;
    run.firmware.entry_tsc = 1000;
    run.firmware.tsc_hz = 10000000;
    PartitionState& partition = run.partitions.emplace_back();
    partition.expected = {name, 1, 128 * mib, 100 * kib, "quiet", 1};
    partition.stage = Stage::stopped;
    partition.stop_reason = "power-off";
    partition.init_tsc = 1235567;
    partition.exits = 42;
    partition.checks = {"disk=ok bytes=1"};
    partition.report = GuestReport{1, 100 * kib, "6.1.0", "quiet"};
    run.ending = {.failure = {}, .signal = {}, .ticks = 2000000, .seconds = 1.25};
    return run;
}

TEST(Table, Grouped) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(~u64{0}), "18,446,744,073,709,551,615");
}

TEST(Table, OneLineForEachPartitionAndTheTotal) {
    std::vector<RunRecord> runs{run_of("alpha")};
    EXPECT_EQ(to_table(runs),
              "partition  state        CPUs   memory  kernel  ticks to init  VM exits\n"
              "alpha      powered off     1  100 KiB  6.1.0       1,234,567        42\n"
              "total: 2,000,000 ticks, 1.2 s\n");
}

TEST(Table, RunsAddUp) {
    std::vector<RunRecord> runs{run_of("alpha"), run_of("beta")};
    std::string table = to_table(runs);
    EXPECT_NE(table.find("\nbeta "), std::string::npos);
    EXPECT_NE(table.find("total: 4,000,000 ticks, 2.5 s\n"), std::string::npos);
}

TEST(Table, WhatIsNotKnownIsADash) {
    RunRecord run;
    run.partitions.emplace_back().expected.name = "alpha";
    run.ending.failure = "not finished after 600 s";
    std::vector<RunRecord> runs{run};
    std::string table = to_table(runs);
    EXPECT_NE(table.find("alpha      not started     -       -  -                   -         -\n"),
              std::string::npos)
        << table;
    EXPECT_NE(table.find("error: not finished after 600 s\n"), std::string::npos);
}

TEST(Json, SaysTheSame) {
    std::vector<RunRecord> runs{run_of("alpha")};
    EXPECT_EQ(to_json(runs),
              "{\"ok\":true,\"errors\":[],\"ticks\":2000000,\"seconds\":1.2,\"tsc-hz\":10000000,"
              "\"firmware-memory\":null,\"partitions\":[{\"name\":\"alpha\",\"state\":\"powered "
              "off\",\"cpus\":1,\"memory\":102400,\"kernel\":\"6.1.0\",\"command-line\":\"quiet\","
              "\"entry-tsc\":1000,\"started-tsc\":null,\"init-tsc\":1235567,\"stopped-tsc\":null,"
              "\"ticks-to-init\":1234567,\"exits\":42,"
              "\"checks\":[\"disk=ok bytes=1\"]}]}\n");
}

TEST(Json, GuestsCannotBreakIt) {
    RunRecord run = run_of("alpha");
    run.partitions[0].report->command_line = "a\"\\\x01\xFF";
    std::vector<RunRecord> runs{run};
    std::string json = to_json(runs);
    EXPECT_NE(json.find("\"command-line\":\"a\\\"\\\\\\u0001?\""), std::string::npos) << json;
    EXPECT_NE(json.find("\"ok\":false"), std::string::npos);
}

} // namespace

} // namespace cloison::run
