// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/options.hpp"

#include "partitions/run/error.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace cloison::run {

namespace {

RunOptions parse(std::vector<std::string> words, Verb verb = Verb::boot) {
    return parse_run_options(verb, words);
}

TEST(Options, Defaults) {
    RunOptions options = parse({"a.xml"});
    EXPECT_EQ(options.layout, "a.xml");
    EXPECT_EQ(options.emulator, Emulator::bochs);
    EXPECT_EQ(options.timeout, 600u);
    EXPECT_TRUE(options.console.empty());
    EXPECT_TRUE(options.run_dir.empty());
    EXPECT_FALSE(options.json || options.keep || options.verbose || options.help);
}

TEST(Options, AllOfThem) {
    RunOptions options = parse({"--on", "qemu", "--timeout=5", "a.xml", "--run-dir", "/r", "--json",
                                "--keep", "-v", "--console", "alpha"});
    EXPECT_EQ(options.emulator, Emulator::qemu);
    EXPECT_EQ(options.timeout, 5u);
    EXPECT_EQ(options.layout, "a.xml");
    EXPECT_EQ(options.run_dir, "/r");
    EXPECT_EQ(options.console, "alpha");
    EXPECT_TRUE(options.json && options.keep && options.verbose);
}

TEST(Options, SomebodyAtAConsoleHasTime) {
    EXPECT_EQ(parse({"a.xml", "--console", "alpha"}).timeout, 0u);
    EXPECT_EQ(parse({"a.xml", "--console", "alpha", "--timeout", "7"}).timeout, 7u);
}

TEST(Options, WhatIsNotUnderstoodIsRefused) {
    EXPECT_THROW(parse({}), RunError);
    EXPECT_THROW(parse({"a.xml", "b.xml"}), RunError);
    EXPECT_THROW(parse({"a.xml", "--on", "vax"}), RunError);
    EXPECT_THROW(parse({"a.xml", "--timeout", "soon"}), RunError);
    EXPECT_THROW(parse({"a.xml", "--timeout", "-1"}), RunError);
    EXPECT_THROW(parse({"a.xml", "--frobnicate"}), RunError);
    EXPECT_THROW(parse({"a.xml", "--console"}), RunError);
}

TEST(Options, AReferenceHasNoConsoleToAttach) {
    EXPECT_THROW(parse({"a.xml", "--disk", "d.img"}, Verb::reference), RunError);
    EXPECT_EQ(parse({"a.xml", "--disk", "d.img"}).disk, "d.img");
    EXPECT_THROW(parse({"a.xml", "--console", "alpha"}, Verb::reference), RunError);
    EXPECT_NO_THROW(parse({"a.xml", "--json"}, Verb::reference));
}

TEST(Options, HelpNeedsNoLayoutAndNamesTheExitStatuses) {
    EXPECT_TRUE(parse({"--help"}).help);
    for (Verb verb : {Verb::boot, Verb::reference}) {
        EXPECT_NE(run_help(verb).find("--timeout"), std::string::npos);
        EXPECT_NE(run_help(verb).find("Exit status"), std::string::npos);
    }
}

} // namespace

} // namespace cloison::run
