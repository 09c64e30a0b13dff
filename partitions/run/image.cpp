// SPDX-License-Identifier: Apache-2.0
// `cloison image`: the layout as an ISO image for a machine that boots by itself.
#include "partitions/command/command_line.hpp"
#include "partitions/run/common.hpp"
#include "partitions/run/error.hpp"
#include "partitions/run/files.hpp"
#include "partitions/run/iso.hpp"
#include "partitions/run/run.hpp"

#include <boost/program_options.hpp>

#include <iostream>

namespace cloison::run {

namespace {

namespace po = boost::program_options;

constexpr command::VerbHelp help{
    "image", "LAYOUT [-o FILE]",
    "Writes an ISO image that boots the layout by GRUB, on BIOS and on UEFI machines, from a\n"
    "CD or copied to a whole USB stick. The machine must be the platform that the layout names.\n"
    "\n"
    "Examples:\n"
    "  cloison image configs/layouts/minimal.xml -o minimal.iso\n"
    "  dd if=minimal.iso of=/dev/sdX bs=4M        a USB stick, all of which is overwritten\n",
    1,
    "Exit status:\n"
    "  0  the image is written\n"
    "  1  the layout has errors, or the image could not be written\n"
    "  2  the command line makes no sense\n"};

void write_image(const std::string& layout, std::string file) {
    CompiledLayout compiled = compile_or_throw(layout);
    if (file.empty())
        file = compiled.layout.name + ".iso";
    Signals signals; // grub-mkrescue gets them, and we its failure
    RunFolder folder{{}};
    write_iso(std::filesystem::absolute(file), share_file("firmware.elf"),
              modules_of(compiled.manifest, compiled.plan), folder.path());
    std::cout << file << ": " << (std::filesystem::file_size(file) + mib - 1) / mib
              << " MiB, boots " << compiled.layout.name << " on " << compiled.platform.name
              << ", BIOS or UEFI\n";
}

} // namespace

int run_image(const std::vector<std::string>& words) {
    std::string file;
    std::vector<std::string> layouts;
    po::options_description own;
    own.add_options()("output,o", po::value(&file)->value_name("FILE"),
                      "the image; the layout's name and .iso unless told");
    int status = 0;
    if (!command::parse_words(words, help, own, layouts, status))
        return status;
    if (layouts.size() != 1)
        return command::complain(help, layouts.empty() ? "which layout?" : "one layout at a time");
    try {
        write_image(layouts.front(), file);
        return 0;
    } catch (const RunError& error) {
        std::cerr << "cloison: " << error.what() << '\n';
        return 1;
    }
}

} // namespace cloison::run
