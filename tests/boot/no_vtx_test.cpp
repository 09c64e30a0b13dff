// SPDX-License-Identifier: Apache-2.0
// On a machine without VT-x the firmware names what is missing and halts. The machine is QEMU's
// software emulation, which has none; it boots the ISO image by GRUB, from a BIOS and from UEFI.
#include "firmware/abi/modules.hpp"
#include "partitions/run/files.hpp"
#include "partitions/run/iso.hpp"
#include "partitions/run/session.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <iostream>

namespace cloison::run {

namespace {

constexpr const char* uefi_code = "/usr/share/OVMF/OVMF_CODE_4M.fd";
constexpr const char* uefi_variables = "/usr/share/OVMF/OVMF_VARS_4M.fd";
constexpr std::chrono::seconds give_up{600};

struct NoVtx : ::testing::Test {
    RunFolder folder{{}};

    void SetUp() override {
        // It halts before it looks at the manifest.
        std::vector<Module> modules{{abi::module_manifest, std::vector<u8>(100)}};
        write_iso(folder.path() / "cloison.iso", CLOISON_FIRMWARE, modules, folder.path());
    }

    FirmwareState boot(std::vector<std::string> more) {
        SerialLine line = SerialLine::pair();
        std::vector<std::string> words{"qemu-system-x86_64",
                                       "-machine",
                                       "q35,accel=tcg",
                                       "-m",
                                       "256M",
                                       "-nodefaults",
                                       "-display",
                                       "none",
                                       "-vga",
                                       "std",
                                       "-no-reboot",
                                       "-chardev",
                                       "stdio,id=com1,signal=off",
                                       "-serial",
                                       "chardev:com1",
                                       "-cdrom",
                                       "cloison.iso"};
        words.insert(words.end(), more.begin(), more.end());
        ChildCommand command{.arguments = words,
                             .folder = folder.path(),
                             .terminal = ChildTerminal::none,
                             .descriptor = line.far_end()};
        std::vector<Expectation> nobody_starts(1);
        nobody_starts[0].name = "nobody";
        Signals signals;
        View view(std::cerr, ViewMode::full, nobody_starts);
        std::vector<ConsoleLine> lines;
        lines.emplace_back(std::move(line), Consoles(folder.path(), console_names(nobody_starts),
                                                     LineUse::multiplexed));
        Tracker tracker(nobody_starts);
        Session session(command, std::move(lines), signals, tracker, view, {.timeout = give_up});
        EXPECT_EQ(session.run().failure, "");
        return tracker.firmware();
    }
};

void expect_vtx_missed(const FirmwareState& firmware) {
    EXPECT_TRUE(firmware.entry_tsc);
    EXPECT_TRUE(firmware.halted);
    for (const char* feature : {"vmx", "ept", "unrestricted-guest"})
        EXPECT_EQ(std::ranges::count(firmware.missing, feature), 1) << feature;
    EXPECT_EQ(firmware.refusal, "");
}

TEST_F(NoVtx, Bios) {
    expect_vtx_missed(boot({}));
}

TEST_F(NoVtx, Uefi) {
    write_file(folder.path() / "variables.fd", read_file(uefi_variables));
    expect_vtx_missed(
        boot({"-drive", std::string("if=pflash,format=raw,readonly=on,file=") + uefi_code, "-drive",
              "if=pflash,format=raw,file=variables.fd"}));
}

} // namespace

} // namespace cloison::run
