// SPDX-License-Identifier: Apache-2.0
// Trees that no machine ever had: each must be refused with a message that names the file, or be
// described without what is not there; never by a crash.
#include "partitions/describe/error.hpp"
#include "partitions/describe/machine.hpp"
#include "partitions/describe/report.hpp"
#include "tests/unit/describe/captured_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sys/stat.h>

namespace cloison::test {
namespace {

using describe::DescribeError;

/// What describing the tree comes to: the platform file, or the error.
std::string outcome(const CapturedTree& tree) {
    try {
        describe::Machine machine = describe::read_machine(describe::Tree(tree.path()));
        return describe::to_xml(machine, "x") + describe::to_text(describe::judge(machine), "x");
    } catch (const DescribeError& error) {
        return std::string("error: ") + error.what();
    }
}

struct Damage {
    const char* what;
    std::string path;
    std::string text;
    std::string message; // part of the error's
};

std::string many_cpus() {
    std::string text;
    for (int i = 0; i < 4097; ++i)
        text += "processor : " + std::to_string(i) + "\napicid : " + std::to_string(i) + "\n\n";
    return text;
}

std::string table(const char* signature, const char* contents) {
    return acpi_table(signature, bytes_of(contents));
}

const std::string acpi_folder = "/sys/firmware/acpi/tables/";
const std::string pci = "/sys/bus/pci/devices/0000:00:17.0/";

class Hostile : public testing::TestWithParam<Damage> {};

TEST_P(Hostile, IsRefusedByName) {
    CapturedTree tree("two-socket");
    tree.write(GetParam().path, GetParam().text);
    std::string result = outcome(tree);
    EXPECT_TRUE(result.starts_with("error: " + (tree.path().string() + GetParam().path))) << result;
    EXPECT_NE(result.find(GetParam().message), std::string::npos) << result;
    for (char c : result)
        EXPECT_TRUE(c >= ' ' && c <= '~') << "something a terminal would obey";
}

INSTANTIATE_TEST_SUITE_P(
    Files, Hostile,
    testing::Values(
        Damage{"empty_cpuinfo", "/proc/cpuinfo", "", "lists no processor"},
        Damage{"binary_cpuinfo", "/proc/cpuinfo", std::string("\0\xFF\n:::\n\x1B[2J", 11),
               "lists no processor"},
        Damage{"no_apic_id", "/proc/cpuinfo", "processor : 0\nflags : vmx\n", "has no apicid"},
        Damage{"huge_apic_id", "/proc/cpuinfo", "processor : 0\napicid : 4294967295\n",
               "cpuinfo:2: apicid: '4294967295' is not a whole number"},
        Damage{"endless_apic_id", "/proc/cpuinfo",
               "processor : 0\napicid : " + std::string(100, '9') + "\n", "'99999999999999"},
        Damage{"escape_in_apic_id", "/proc/cpuinfo", "processor : 0\napicid : \x1B[31m\n",
               "'?[31m'"},
        Damage{"too_many_cpus", "/proc/cpuinfo", many_cpus(), "more than 4096 CPUs"},
        Damage{"large_file", "/proc/cpuinfo", std::string(17 * mib, 'x'), "more than 16 MiB"},
        Damage{"package", "/sys/devices/system/cpu/cpu0/topology/physical_package_id", "zero",
               "'zero' is not a whole number"},
        Damage{"empty_core", "/sys/devices/system/cpu/cpu0/topology/core_id", "", "''"},
        Damage{"few_distances", "/sys/devices/system/node/node0/distance", "10\n",
               "1 distances for 2 nodes"},
        Damage{"near_node", "/sys/devices/system/node/node0/distance", "10 9\n",
               "'9' is not a distance"},
        Damage{"classes", "/sys/fs/resctrl/info/L3/num_closids", "4000000000", "up to 128"},
        Damage{"start", "/sys/firmware/memmap/0/start", "-5", "'-5'"},
        Damage{"class_code", pci + "class", "0x1000000", "up to 16777215"},
        Damage{"vendor", pci + "vendor", "Intel", "'Intel'"},
        Damage{"short_resource", pci + "resource", "0x0 0x0\n", "is not a resource"},
        Damage{"text_resource", pci + "resource", "a b c\n", "is not a resource"},
        Damage{"backward_resource", pci + "resource", "0x2000 0x1000 0x200\n", "no range"},
        Damage{"far_port", pci + "resource", "0xfff0 0x10007 0x100\n", "no range"},
        Damage{"far_memory", pci + "resource", "0x0 0xffffffffffffffff 0x200\n", "no range"},
        Damage{"no_table", acpi_folder + "APIC", "APIC", "does not begin with the header"},
        Damage{"other_table", acpi_folder + "APIC", acpi_table("SRAT", std::string(20, '\0')),
               "does not begin with the header of a table APIC"},
        Damage{"cut_table", acpi_folder + "APIC",
               acpi_table("APIC", std::string(60, '\0')).substr(0, 60), "the file has 60"},
        Damage{"endless_madt", acpi_folder + "APIC", table("APIC", "04 00000000 00000000 0000"),
               "a structure of 0 bytes"},
        Damage{"cut_madt", acpi_folder + "APIC", table("APIC", "04 00000000 00000000 0008 00"),
               "ends too early"},
        Damage{"short_madt_entry", acpi_folder + "APIC", table("APIC", "04 00000000 00000000 0902"),
               "ends too early"},
        Damage{"far_srat", acpi_folder + "SRAT",
               table("SRAT", "03 01000000 0000000000000000 0128 00000000 0000 00F0FFFFFFFFFFFF"
                             "0000010000000000 00000000 01000000 0000000000000000"),
               "beyond 4096 TiB"},
        Damage{"large_slit", acpi_folder + "SLIT", table("SLIT", "01 FFFFFFFFFFFFFFFF 0A"),
               "proximity domains"},
        Damage{"cut_slit", acpi_folder + "SLIT", table("SLIT", "01 0200000000000000 0A"),
               "ends too early"}),
    [](const auto& damage) { return std::string(damage.param.what); });

TEST(HostileTree, WithAWrongChecksum) {
    CapturedTree tree("two-socket");
    std::string dmar = tree.read(acpi_folder + "DMAR");
    dmar.back() = static_cast<char>(dmar.back() + 1);
    tree.write(acpi_folder + "DMAR", dmar);
    EXPECT_NE(outcome(tree).find("DMAR: the ACPI table is damaged: it has a wrong checksum"),
              std::string::npos);
}

TEST(HostileTree, WithAMemoryMapThatEndsBeforeItBegins) {
    CapturedTree tree("two-socket");
    tree.write("/sys/firmware/memmap/2/end", "0x10\n");
    EXPECT_NE(outcome(tree).find("memmap/2: ends before it begins"), std::string::npos);
    tree.write("/sys/firmware/memmap/2/end", "0xffffffffffffffff\n");
    EXPECT_NE(outcome(tree).find("memmap/2: RAM beyond 4096 TiB"), std::string::npos);
}

TEST(HostileTree, WithTwoCpusOfOneApicId) {
    CapturedTree tree("two-socket");
    tree.write("/proc/cpuinfo", "processor : 0\napicid : 7\n\nprocessor : 1\napicid : 7\n");
    EXPECT_NE(outcome(tree).find("two CPUs have the APIC ID 7"), std::string::npos);
}

TEST(HostileTree, WithFilesThatAreNone) {
    CapturedTree tree("two-socket");
    tree.remove("/proc/cpuinfo");
    ASSERT_EQ(mkfifo((tree.path() / "proc/cpuinfo").c_str(), 0600), 0); // nobody will write
    EXPECT_NE(outcome(tree).find("cpuinfo: is not a regular file"), std::string::npos);
    tree.remove("/proc/cpuinfo");
    tree.link("/proc/cpuinfo", "cpuinfo");
    EXPECT_NE(outcome(tree).find("cpuinfo: cannot be read"), std::string::npos);
    EXPECT_NE(outcome(CapturedTree()).find("cpuinfo: cannot be read"), std::string::npos);
    EXPECT_THROW(describe::Tree("/nowhere/at/all"), DescribeError);
}

TEST(HostileTree, CannotBreakOutOfTheFile) {
    CapturedTree tree("closed");
    std::string text = tree.read("/proc/cpuinfo");
    text.replace(text.find("Intel(R)"), 8, "--><layout a=\"\x1B[2J\"/><!--");
    tree.write("/proc/cpuinfo", text);
    std::string xml = outcome(tree);
    EXPECT_NE(xml.find("-><layout"), std::string::npos); // it is there, in the comment
    EXPECT_EQ(xml.find("--><layout"), std::string::npos);
    EXPECT_EQ(xml.find('\x1B'), std::string::npos);
}

TEST(HostileTree, OfOneCpuAndNothingElseIsDescribed) {
    CapturedTree tree;
    tree.write("/proc/cpuinfo", "processor : 0\napicid : 5\n");
    std::string text = outcome(tree);
    EXPECT_NE(text.find("<processor apic-id=\"5\"/>"), std::string::npos) << text;
    EXPECT_EQ(text.find("<ram"), std::string::npos);
    EXPECT_NE(text.find("CONFIG_FIRMWARE_MEMMAP"), std::string::npos);
}

TEST(HostileTree, WithRamInManyPiecesKeepsTheLargest) {
    CapturedTree tree("closed");
    tree.remove("/sys/firmware/memmap");
    for (u64 i = 0; i < 100; ++i) {
        std::string folder = "/sys/firmware/memmap/" + std::to_string(i) + "/";
        u64 base = 16 * mib * i;
        tree.write(folder + "start", std::to_string(base));
        tree.write(folder + "end", std::to_string(base + (i + 1) * page_size - 1));
        tree.write(folder + "type", "System RAM\n");
    }
    describe::Machine machine = describe::read_machine(describe::Tree(tree.path()));
    ASSERT_EQ(machine.memory.ram.size(), 64u);
    EXPECT_EQ(machine.memory.left_out, 36u);
    EXPECT_EQ(machine.memory.ram.front().extent.size, 37 * page_size);
    EXPECT_FALSE(machine.memory.staging);
}

/// Any file, any byte: an error or a description, never more than that.
TEST(HostileTree, OfRandomDamageNeverCrashes) {
    CapturedTree tree("two-socket");
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(tree.path()))
        if (entry.is_regular_file())
            files.push_back("/" + entry.path().lexically_relative(tree.path()).string());
    std::sort(files.begin(), files.end());
    std::mt19937 dice(7);
    usize refused = 0;
    constexpr usize rounds = 1500;
    for (usize round = 0; round < rounds; ++round) {
        const std::string& file = files[dice() % files.size()];
        std::string good = tree.read(file), bad = good;
        for (usize changes = 1 + dice() % 3; changes > 0 && !bad.empty(); --changes) {
            usize at = dice() % bad.size();
            if (dice() % 4 == 0)
                bad.resize(at);
            else
                bad[at] = static_cast<char>(dice());
        }
        if (file.starts_with(acpi_folder) && bad.size() >= 36) // as by one who knows checksums
            bad = acpi_table(bad.substr(0, 4), bad.substr(8, 1) + bad.substr(36));
        tree.write(file, bad);
        refused += outcome(tree).starts_with("error: ") ? 1 : 0;
        tree.write(file, good);
    }
    EXPECT_GT(refused, rounds / 10);
    EXPECT_LT(refused, rounds);
}

} // namespace
} // namespace cloison::test
