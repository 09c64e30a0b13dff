// SPDX-License-Identifier: Apache-2.0
// What the firmware refuses on the emulated machine, by name and before any guest runs: CPUs
// without what it needs, and manifests, images and machines that are not those of the layout.
#include "partitions/manifest/manifest.hpp"
#include "partitions/run/common.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace cloison::run {

namespace {

struct Refusals : ::testing::Test {
    CompiledLayout compiled = compile_or_throw(CLOISON_LAYOUT);
    MachineSpec machine = machine_of(compiled.platform);
    std::vector<Module> modules = modules_of(compiled.manifest, compiled.plan);
    RunFolder folder{{}};

    RunRecord run() {
        SerialLine line = SerialLine::fifo(folder.path() / "com1");
        FlatImage firmware = flatten_elf(read_file(share_file("firmware.elf")));
        ChildCommand command =
            prepare_bochs(folder.path(), machine, firmware, modules,
                          read_file(share_file("option-rom.bin")), {line.bochs_option()});
        std::vector<ConsoleLine> lines;
        lines.emplace_back(
            std::move(line),
            Consoles(folder.path(), console_names(expectations(compiled)), LineUse::multiplexed));
        Signals signals;
        return follow({.command = std::move(command),
                       .lines = std::move(lines),
                       .folder = folder.path(),
                       .expected = expectations(compiled),
                       .served = {},
                       .limits = {.timeout = std::chrono::seconds(600)}},
                      signals);
    }

    FirmwareState boot() {
        RunRecord record = run();
        for (const PartitionState& partition : record.partitions)
            EXPECT_EQ(partition.stage, Stage::waiting) << "nothing may start";
        EXPECT_TRUE(record.firmware.halted);
        return record.firmware;
    }

    void expect_refused(const std::string& rule) {
        EXPECT_NE(boot().refusal.find("rule=" + rule), std::string::npos) << rule;
    }

    bool misses(const FirmwareState& firmware, const std::string& feature) {
        return std::ranges::count(firmware.missing, feature) == 1;
    }
};

TEST_F(Refusals, VmxWithoutExtendedPageTables) {
    machine.model = "core2_penryn_t9600";
    FirmwareState firmware = boot();
    EXPECT_FALSE(misses(firmware, "vmx"));
    for (const char* feature : {"ept", "unrestricted-guest", "vpid", "vmx-preemption-timer"})
        EXPECT_TRUE(misses(firmware, feature)) << feature;
}

TEST_F(Refusals, NoVmx) {
    machine.model = "ryzen";
    EXPECT_TRUE(misses(boot(), "vmx"));
}

TEST_F(Refusals, DamagedManifest) {
    modules[0].bytes[compiled.manifest.size() / 2] ^= 0x10;
    expect_refused("manifest-damaged");
}

TEST_F(Refusals, TruncatedManifest) {
    modules[0].bytes.resize(compiled.manifest.size() - 8);
    expect_refused("manifest-format");
}

TEST_F(Refusals, PartitionsThatItCannotRunYet) {
    compiled.layout.partitions[0].serials.push_back({{}, 0x2F8}); // a client with a device
    modules[0].bytes = make_manifest(compiled.layout, compiled.platform, compiled.plan);
    ASSERT_EQ(verify_manifest(modules[0].bytes, Purpose::model), "");
    expect_refused("not-yet first=0");
}

TEST_F(Refusals, DamagedKernel) {
    modules[1].bytes[modules[1].bytes.size() / 2] ^= 1;
    expect_refused("image-damaged");
}

TEST_F(Refusals, MissingImage) {
    modules.pop_back();
    expect_refused("image-missing");
}

TEST_F(Refusals, CpuThatTheMachineLacks) {
    machine.cpus = 1;
    compiled = compile_or_throw(CLOISON_TWO_CPU_LAYOUT);
    modules = modules_of(compiled.manifest, compiled.plan);
    expect_refused("cpu-unknown");
}

TEST_F(Refusals, MemoryThatTheMachineLacks) {
    compiled.plan.ram.back().size += large_page_size; // more than the BIOS leaves
    modules[0].bytes = make_manifest(compiled.layout, compiled.platform, compiled.plan);
    ASSERT_EQ(verify_manifest(modules[0].bytes, Purpose::boot), "");
    expect_refused("memory-outside-ram");
}

TEST_F(Refusals, StagingAreaWithoutRoomForTheImages) {
    compiled.plan.staging.size = 4 * mib;
    modules[0].bytes = make_manifest(compiled.layout, compiled.platform, compiled.plan);
    ASSERT_EQ(verify_manifest(modules[0].bytes, Purpose::boot), "");
    machine.staging = {512 * mib, 64 * mib};
    expect_refused("image-misplaced");
}

TEST_F(Refusals, NotOfImagesThatTheLoaderPutElsewhere) {
    machine.staging = {512 * mib, 64 * mib};
    EXPECT_EQ(complaints(run()), std::vector<std::string>{});
}

TEST_F(Refusals, CpuWithoutThePagesThatThePlanCountsOn) {
    machine.model = "corei7_sandy_bridge_2600k";
    expect_refused("machine-differs");
}

} // namespace

} // namespace cloison::run
