// SPDX-License-Identifier: Apache-2.0
// `cloison image`: the layout as an ISO image for a machine that boots by itself.
#include "partitions/run/common.hpp"
#include "partitions/run/error.hpp"
#include "partitions/run/files.hpp"
#include "partitions/run/iso.hpp"
#include "partitions/run/run.hpp"

#include <algorithm>
#include <iostream>

namespace cloison::run {

namespace {

constexpr const char* help =
    "Usage: cloison image LAYOUT FILE\n"
    "Writes an ISO image that boots the layout by GRUB, on BIOS and on UEFI machines, from a CD "
    "or\n"
    "copied to a whole USB stick. The machine must be the platform that the layout names.\n"
    "\n"
    "Options:\n"
    "  -h, --help  prints this\n"
    "\n"
    "Exit status:\n"
    "  0  the image is written\n"
    "  1  the layout has errors, or the image could not be written\n"
    "  2  the command line is wrong\n";

void write_image(const std::string& layout, const std::string& file) {
    CompiledLayout compiled = compile_or_throw(layout);
    Signals signals; // grub-mkrescue gets them, and we its failure
    RunFolder folder{{}};
    write_iso(std::filesystem::absolute(file), share_file("firmware.elf"),
              modules_of(compiled.manifest, compiled.plan), folder.path());
}

} // namespace

int run_image(const std::vector<std::string>& words) {
    if (std::ranges::any_of(words,
                            [](const std::string& w) { return w == "--help" || w == "-h"; })) {
        std::cout << help;
        return 0;
    }
    auto option =
        std::ranges::find_if(words, [](const std::string& w) { return w.starts_with('-'); });
    if (option != words.end() || words.size() != 2) {
        std::cerr << "cloison: "
                  << (option != words.end() ? "unrecognised option '" + *option + "'"
                                            : std::string("which layout, and which file to write?"))
                  << "; --help explains\n";
        return 2;
    }
    try {
        write_image(words[0], words[1]);
        return 0;
    } catch (const RunError& error) {
        std::cerr << "cloison: " << error.what() << '\n';
        return 1;
    }
}

} // namespace cloison::run
