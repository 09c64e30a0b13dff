// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/iso.hpp"

#include "partitions/run/child.hpp"
#include "partitions/run/error.hpp"
#include "partitions/run/files.hpp"

#include <sstream>

namespace cloison::run {

namespace fs = std::filesystem;

namespace {

// What the menu below needs, and what the configuration that grub-mkrescue adds looks for on UEFI.
constexpr const char* grub_modules =
    "--install-modules=multiboot2 normal configfile boot minicmd all_video part_acorn part_amiga "
    "part_apple part_bsd part_dfly part_dvh part_gpt part_msdos part_plan part_sun part_sunpc";

} // namespace

std::string grub_config(std::span<const Module> modules) {
    std::ostringstream text;
    text << "set timeout=0\n"
            "menuentry \"Cloison\" {\n"
            "    multiboot2 /boot/firmware.elf\n";
    for (usize i = 0; i < modules.size(); ++i)
        text << "    module2 /boot/module-" << i << ' ' << modules[i].name << '\n';
    text << "    boot\n}\n";
    return text.str();
}

void write_iso(const fs::path& iso, const fs::path& firmware_elf, std::span<const Module> modules,
               const fs::path& work) {
    fs::path tree = work / "iso";
    std::error_code error;
    fs::create_directories(tree / "boot" / "grub", error);
    if (error)
        throw RunError("cannot make " + tree.string() + ": " + error.message());
    write_file(tree / "boot" / "firmware.elf", read_file(firmware_elf));
    for (usize i = 0; i < modules.size(); ++i)
        write_file(tree / "boot" / ("module-" + std::to_string(i)), modules[i].bytes);
    write_file(tree / "boot" / "grub" / "grub.cfg", grub_config(modules));

    fs::path log = work / "grub-mkrescue.log";
    if (!run_program({"grub-mkrescue", "-o", iso.string(), grub_modules,
                      "--fonts=", "--locales=", "--themes=", tree.string()},
                     log))
        throw RunError("grub-mkrescue made no image (is it installed?); see " + log.string());
    fs::remove_all(tree, error);
}

} // namespace cloison::run
