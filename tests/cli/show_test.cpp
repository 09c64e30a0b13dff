// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/run_cloison.hpp"
#include "tests/unit/partitions/expectations.hpp"
#include "tests/unit/partitions/layout_text.hpp"
#include "tests/unit/partitions/test_share.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <map>
#include <sstream>

namespace cloison::test {
namespace {

class Show : public testing::Test {
  protected:
    TestShare share_;
};

/// The numbers of the table of memory, by the words in front of them.
std::map<std::string, u64> budget(const std::string& text) {
    std::map<std::string, u64> numbers;
    std::istringstream lines(text.substr(text.find("\nMEMORY")));
    for (std::string line; std::getline(lines, line);) {
        usize end = line.find("  "), number = line.rfind(' ') + 1;
        if (end != std::string::npos && std::isdigit(line[number]) != 0)
            numbers[line.substr(0, end)] = std::stoull(line.substr(number));
    }
    return numbers;
}

TEST_F(Show, AccountsForEveryByte) {
    Outcome outcome = run_cloison({"show", "good.xml"}, samples());
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    auto numbers = budget(outcome.out);
    EXPECT_EQ(numbers.at("given to partitions"), 64 * mib);
    EXPECT_EQ(numbers.at("RAM of the platform"), 636 * kib + 1022 * mib);
    u64 sum = 0;
    for (const auto& [words, bytes] : numbers)
        sum += words == "RAM of the platform" ? 0 : bytes;
    EXPECT_EQ(sum, numbers.at("RAM of the platform"));
    // More than its image, less than its region.
    usize uses = outcome.out.find("firmware uses ");
    ASSERT_NE(uses, std::string::npos);
    u64 used = std::stoull(outcome.out.substr(uses + 14));
    EXPECT_GT(used, TestShare::firmware_image);
    EXPECT_LT(used, numbers.at("firmware's region"));
    EXPECT_TRUE(outcome.out.ends_with(std::to_string(used) + " bytes of its region\n"));
}

TEST_F(Show, TellsWhatEachPartitionGot) {
    PlatformText platform{{0, 1, 2, 3}, {{mib, 1022 * mib}}, {960 * mib, 32 * mib}};
    std::vector<PartitionText> partitions{{"alpha", 2, {}, 64 * mib}, {"beta", 0, {3}, 32 * mib}};
    partitions[1].console = false;
    partitions[1].command_line = "quiet";
    std::string file = write_layout(share_.path(), platform, partitions).string();
    std::string out = run_cloison({"show", file}).out;
    for (const char* line :
         {"alpha      client  2     64MiB   channel 1\n", "beta       client  1     32MiB   none\n",
          "alpha      0x0000000000   0x0000600000  64MiB\n",
          "beta       0x0000000000   0x0004600000  32MiB\n", "alpha      APIC IDs      0-1\n",
          "beta       APIC IDs      3\n", "           command line  quiet\n"})
        EXPECT_NE(out.find(line), std::string::npos) << line << "in\n" << out;
}

TEST_F(Show, FitsATerminal) {
    PlatformText platform{{}, {{mib, 9 * gib}}, {960 * mib, 32 * mib}};
    std::vector<PartitionText> partitions{{std::string(31, 'a'), 0, {}, 5 * gib}};
    for (u32 id = 0; id < 200; id += 2) {
        platform.apic_ids.push_back(id);
        partitions[0].pinned.push_back(id);
    }
    for (int i = 0; i < 100; ++i)
        partitions[0].command_line += "parameter" + std::to_string(i) + "=value ";
    Outcome outcome =
        run_cloison({"show", write_layout(share_.path(), platform, partitions).string()});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    std::istringstream lines(outcome.out);
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(line.size(), 80u) << line;
    EXPECT_NE(outcome.out.find("parameter99=value"), std::string::npos);
}

TEST_F(Show, TellsEverythingOfTheLanguage) {
    Outcome outcome = run_cloison({"show", "--for", "model", "good-everything.xml"}, samples());
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    for (const char* line :
         {"alpha      client     0.50 of 2  1GiB    channel 3\n",
          "processors    2 virtual on pool common, entitlement 0.50, uncapped,\n", "weight 200\n",
          "profile       shared\n", "device        0000:00:1f.2 sata\n", "serial port   0x2f8\n",
          "disk          data from io, serial alpha-data\n",
          "disk          seed from control, read-only\n", ", VLAN 10\n",
          "network       lan from io, 02:00:5e:00:00:01, trunk\n",
          "console       virtio from control\n",
          "on failure    restart, 5 times, after 500ms, master control\n",
          "accounted to  billing\n", "cache         4 ways, mask 0xf\n",
          "siblings      exclusive\n", "interrupts    direct\n",
          "POOL    CPUS  ENTITLED  APIC IDS\ncommon  2     0.50      16-17\n",
          "data    1TiB   io nbd:nbd://store/data shareable\n", "lan     0000:02:00.0  io\n"})
        EXPECT_NE(outcome.out.find(line), std::string::npos) << line << "in\n" << outcome.out;
    std::istringstream lines(outcome.out);
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(line.size(), 80u) << line;
}

TEST_F(Show, TellsWhatIsOnEachBus) {
    Outcome outcome = run_cloison({"show", "good-served.xml"}, samples());
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    for (const char* line :
         {"PARTITION  SLOT  PIN  FUNCTION AND GUEST ADDRESSES\n",
          "control    1     19   0000:00:1f.2\n", "           2     17   0000:02:00.0\n",
          "           -     -    registers at the machine's 0xf7e00000: registers",
          "           3     -    management: manifest 0x",
          "           4     23   adapter of alpha: doorbell 0x", "memory 0x4000000000 64MiB",
          "alpha      1     -    virtio-blk of control, 3 queues\n",
          "           4     -    virtio-console of control, 6 queues\n",
          "beta       1     -    virtio-blk of control, 1 queue\n"})
        EXPECT_NE(outcome.out.find(line), std::string::npos) << line << "in\n" << outcome.out;
    std::string json = run_cloison({"show", "--json", "good-served.xml"}, samples()).out;
    for (const char* part :
         {"\"bus\":[{\"slot\":1,\"function\":\"0000:00:1f.2\",\"pin\":19,\"places\":[]}",
          "{\"name\":\"memory\",\"base\":274877906944,\"size\":67108864}",
          "{\"slot\":3,\"function\":\"virtio-net of control, 2 queues\",\"pin\":null,"})
        EXPECT_NE(json.find(part), std::string::npos) << part << " in\n" << json;
}

TEST_F(Show, LeavesOutWhatIsEmpty) {
    std::string out = run_cloison({"show", "good.xml"}, samples()).out;
    for (const char* heading : {"POOL", "VOLUME", "SWITCH", "SLOT"})
        EXPECT_EQ(out.find(heading), std::string::npos) << heading;
}

TEST_F(Show, DrawsAPicture) {
    std::string file = (share_.path() / "picture.svg").string();
    Outcome outcome = run_cloison({"show", "--svg", "-o", file, "good.xml"}, samples());
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    std::string svg = read_text(file);
    EXPECT_NE(svg.find("<svg xmlns=\"http://www.w3.org/2000/svg\""), std::string::npos);
    EXPECT_TRUE(svg.ends_with("</svg>\n"));
    EXPECT_EQ(run_cloison({"show", "--svg", "good.xml"}, samples()).out, svg);
    EXPECT_EQ(run_cloison({"show", "--svg", "--json", "good.xml"}, samples()).status, 2);
}

TEST_F(Show, PrintsJson) {
    Outcome outcome = run_cloison({"show", "--json", "good.xml"}, samples());
    ASSERT_EQ(outcome.status, 0);
    EXPECT_TRUE(outcome.out.starts_with(
        "{\"layout\":\"sample\",\"platform\":\"small\",\"partitions\":[{\"name\":\"alpha\","
        "\"role\":\"client\",\"apic-ids\":[0],\"memory\":67108864,\"blocks\":[{\"guest\":0,"
        "\"host\":6291456,\"size\":67108864}],\"console\":1,\"kernel\":0,\"initrd\":1,"
        "\"command-line\":\"console=ttyS0\",\"boot\":\"linux\",\"activation\":100,"))
        << outcome.out;
    EXPECT_NE(outcome.out.find("\"budget\":{\"given\":67108864,\"firmware\":4194304,"),
              std::string::npos);
}

TEST_F(Show, DoesNotShowWhatIsWrong) {
    Outcome outcome = run_cloison({"show", "cpu-shortage.xml"}, samples());
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find("error[cpu-shortage]"), std::string::npos);
}

} // namespace
} // namespace cloison::test
