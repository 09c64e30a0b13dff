// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/run_cloison.hpp"
#include "tests/unit/describe/captured_tree.hpp"
#include "tests/unit/partitions/expectations.hpp"

#include <gtest/gtest.h>

namespace cloison::test {
namespace {

Outcome describe_tree(const CapturedTree& tree, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"platform", "--root", tree.path().string()});
    return run_cloison(more);
}

bool says(const std::string& text, const std::string& words) {
    return text.find(words) != std::string::npos;
}

TEST(PlatformVerb, SaysWhetherTheMachineIsFit) {
    Outcome server = describe_tree(CapturedTree("two-socket"), {"--name", "two-socket"});
    EXPECT_EQ(server.status, 0);
    EXPECT_EQ(server.out, read_text(in_describe_tests("golden/two-socket.xml")));
    EXPECT_EQ(server.err, read_text(in_describe_tests("golden/two-socket.txt")));
    Outcome laptop = describe_tree(CapturedTree("laptop"));
    EXPECT_EQ(laptop.status, 1);
    EXPECT_TRUE(says(laptop.out, "<platform name=\"lap-09\"")) << "the host's name";
    EXPECT_TRUE(laptop.err.starts_with("lap-09: not fit"));
    Outcome closed = describe_tree(CapturedTree("closed"));
    EXPECT_EQ(closed.status, 1);
    EXPECT_TRUE(says(closed.out, "<platform name=\"machine\"")) << "8700 is no name";
}

TEST(PlatformVerb, WritesAFileAndJson) {
    CapturedTree tree("two-socket");
    std::string file = (tree.path() / "platform.xml").string();
    Outcome outcome = describe_tree(tree, {"-o", file, "--name", "two-socket", "--json"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(read_text(file), read_text(in_describe_tests("golden/two-socket.xml")));
    EXPECT_TRUE(outcome.out.starts_with(
        "{\"name\":\"two-socket\",\"fit\":true,\"items\":[{\"name\":\"vmx\",\"need\":\"needed\","
        "\"state\":\"there\",\"remark\":\"\"},"));
    EXPECT_FALSE(says(outcome.out, "\"xml\""));
    EXPECT_TRUE(says(describe_tree(tree, {"--json"}).out, "\"xml\":\"<?xml"));
    outcome = describe_tree(tree, {"-o", "/no/such/folder/x.xml"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(says(outcome.err, "/no/such/folder/x.xml: cannot be written"));
}

TEST(PlatformVerb, FailsOnWhatIsNoMachine) {
    Outcome outcome = describe_tree(CapturedTree());
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(says(outcome.err, "proc/cpuinfo: cannot be read"));
    EXPECT_EQ(run_cloison({"platform", "--root", "/no/such"}).status, 1);
    for (const char* name :
         {"", "Upper", "9lives", "a b", "a\"b", "x123456789012345678901234567890x"})
        EXPECT_EQ(run_cloison({"platform", "--name", name}).status, 2) << name;
    EXPECT_EQ(run_cloison({"platform", "argument"}).status, 2);
}

TEST(PlatformVerb, TellsWhereTheMachineContradictsItself) {
    CapturedTree tree("two-socket");
    tree.write("/sys/bus/pci/devices/0000:00:17.0/resource", "0x200000 0x200fff 0x200\n");
    Outcome outcome = describe_tree(tree);
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(says(outcome.err, "error[mmio-range]: registers of device 0000:00:17.0"))
        << outcome.err;
}

TEST(PlatformVerb, DescribesTheMachineThatItRunsOn) {
    Outcome outcome = run_cloison({"platform", "--name", "here"});
    EXPECT_TRUE(outcome.status == 0 || outcome.status == 1) << outcome.status;
    EXPECT_TRUE(says(outcome.out, "<processor apic-id=")) << outcome.err;
    EXPECT_TRUE(outcome.out.ends_with("</platform>\n"));
    EXPECT_TRUE(outcome.err.starts_with("here: "));
    EXPECT_EQ(outcome.out, run_cloison({"platform", "--name", "here"}).out);
}

} // namespace
} // namespace cloison::test
