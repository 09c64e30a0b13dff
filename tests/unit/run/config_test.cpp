// SPDX-License-Identifier: Apache-2.0
// What emulators are told: Bochs by its configuration, QEMU by its command line, GRUB by its menu.
#include "firmware/abi/modules.hpp"
#include "partitions/run/bochs_config.hpp"
#include "partitions/run/error.hpp"
#include "partitions/run/files.hpp"
#include "partitions/run/iso.hpp"
#include "partitions/run/machine.hpp"

#include <gtest/gtest.h>

namespace cloison::run {

namespace {

std::string config() {
    return bochs_config({.model = "corei7_skylake_x",
                         .cpus = 4,
                         .memory = 1 * gib,
                         .ips = 10000000,
                         .bundle_address = 0x3BEE0000,
                         .serials = {"mode=file, dev=\"/run/com1\"", "mode=null"},
                         .disk = "/run/disk.img",
                         .network = true},
                        "/run");
}

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(BochsConfig, DescribesTheMachine) {
    EXPECT_TRUE(has_line(config(), "memory: guest=1024, host=1024"));
    EXPECT_TRUE(has_line(config(), "cpu: model=corei7_skylake_x, count=1:4:1, ips=10000000, "
                                   "reset_on_triple_fault=0"));
    EXPECT_TRUE(has_line(config(), "optramimage1: file=\"/run/bundle\", address=0x3bee0000"));
    EXPECT_TRUE(has_line(config(), "optromimage1: file=\"/run/option-rom.bin\", address=0xd0000"));
    EXPECT_TRUE(has_line(config(), "com1: enabled=1, mode=file, dev=\"/run/com1\""));
    EXPECT_TRUE(has_line(config(), "com2: enabled=1, mode=null"));
    EXPECT_TRUE(has_line(config(),
                         "ata0-master: type=disk, mode=flat, path=\"/run/disk.img\", cylinders=0"));
    EXPECT_TRUE(has_line(config(), "pci: enabled=1, chipset=i440fx, slot1=e1000"));
    EXPECT_TRUE(has_line(config(), "plugin_ctrl: speaker=false, e1000=true"));
}

TEST(BochsConfig, TakesTheSameTicksInEveryRun) {
    EXPECT_EQ(config(), config());
    EXPECT_NE(config().find("clock: sync=none, time0="), std::string::npos);
}

TEST(BochsConfig, WithoutIpsBochsDecides) {
    auto text = bochs_config({.model = "x", .memory = mib, .serials = {}, .disk = {}}, "/run");
    EXPECT_EQ(text.find("ips"), std::string::npos);
}

TEST(BochsConfig, WithoutDevicesItHasNone) {
    auto text = bochs_config({.model = "x", .memory = mib, .serials = {}, .disk = {}}, "/run");
    for (const char* word : {"com1", "ata0", "e1000"})
        EXPECT_EQ(text.find(word), std::string::npos) << word;
}

TEST(BochsLog, TicksOfTheLastLine) {
    EXPECT_EQ(last_tick_in_log("00000000000i[] x\n00178961020i[SIM   ] quit\n"), 178961020u);
    EXPECT_EQ(last_tick_in_log("00000000042i[] x"), 42u);
    EXPECT_EQ(last_tick_in_log(""), 0u);
    EXPECT_EQ(last_tick_in_log("no number\n"), 0u);
}

struct Preparation : ::testing::Test {
    RunFolder folder{{}};
    FlatImage firmware{std::vector<u8>(100), 0x200000, 0x200000};
    std::vector<Module> modules{{abi::module_manifest, std::vector<u8>(100)}};
    std::vector<u8> rom = [] {
        std::vector<u8> bytes(512);
        bytes[0] = 0x55, bytes[1] = 0xAA, bytes[2] = 1;
        return bytes;
    }();
    MachineSpec machine{.model = "m", .memory = 64 * mib, .staging = {}, .disk_image = {}};
    SerialLine line = SerialLine::fifo(folder.path() / "com1");

    ChildCommand prepare() {
        return prepare_bochs(folder.path(), machine, firmware, modules, rom, {line.bochs_option()});
    }
};

TEST_F(Preparation, WritesWhatTheConfigurationNames) {
    machine.staging = {0x2000001, 8 * mib}; // the bundle starts at the next block
    auto command = prepare();
    EXPECT_EQ(command.arguments[0], "bochs");
    auto text = read_file(folder.path() / bochs_config_file);
    std::string configuration(text.begin(), text.end());
    EXPECT_NE(configuration.find("address=0x2020000\n"), std::string::npos);
    EXPECT_NE(configuration.find(line.bochs_option()), std::string::npos);
    EXPECT_GT(read_file(folder.path() / bundle_file).size(),
              abi::bundle_slack * u64{abi::bundle_block});
    EXPECT_EQ(read_file(folder.path() / option_rom_file)[10], 0x02);
}

TEST_F(Preparation, ABundleThatDoesNotFitIsAnError) {
    machine.staging = {0x2000000, 2 * u64{abi::bundle_block}};
    EXPECT_NO_THROW(prepare()); // header block and one of data
    machine.staging.size -= 1;
    EXPECT_THROW(prepare(), RunError);
    machine.staging = {4 * gib, 8 * mib};
    EXPECT_THROW(prepare(), RunError);
}

TEST_F(Preparation, StagingAtTheTopLeavesTheBiosItsTables) {
    Extent staging = staging_at_top(64 * mib, firmware, modules);
    EXPECT_EQ(staging.base % abi::bundle_block, 0u);
    EXPECT_LE(staging.end(), 64 * mib - 64 * kib);
    machine.staging = staging;
    EXPECT_NO_THROW(prepare());
    EXPECT_THROW(staging_at_top(3 * mib, firmware, modules), RunError);
}

// Seen in Bochs's E820 map: 0x9f000 bytes of low memory, and all above 1 MiB but 64 KiB.
TEST(Machine, MemoryThatBochsReports) {
    EXPECT_EQ(bochs_usable_memory(1 * gib), 0x9F000u + 0x3FEF0000u);
}

TEST(Machine, VtxIsAFlagOfTheCpu) {
    EXPECT_TRUE(host_has_vtx("processor\t: 0\nflags\t\t: fpu vme vmx smx\nbugs\t: \n"));
    EXPECT_TRUE(host_has_vtx("processor\t: 0\nflags\t\t: fpu vmx\n"));
    EXPECT_FALSE(host_has_vtx("processor\t: 0\nflags\t\t: fpu vmx_like\nvmx flags\t: vnmi\n"));
    EXPECT_FALSE(host_has_vtx("processor\t: 0\nvmx flags\t: vmx \n"));
    EXPECT_FALSE(host_has_vtx(""));
}

TEST(Grub, LoadsModulesUnderTheirNames) {
    std::vector<Module> modules{{abi::module_manifest, {}}, {"cloison-image-0", {}}};
    std::string text = grub_config(modules);
    EXPECT_TRUE(has_line(text, "    multiboot2 /boot/firmware.elf"));
    EXPECT_TRUE(has_line(text, "    module2 /boot/module-0 cloison-manifest"));
    EXPECT_TRUE(has_line(text, "    module2 /boot/module-1 cloison-image-0"));
}

} // namespace

} // namespace cloison::run
