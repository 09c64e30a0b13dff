// SPDX-License-Identifier: Apache-2.0
// `cloison image`: the layout as an ISO image for a machine that boots by itself.
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

constexpr const char* usage =
    "Usage: cloison image LAYOUT [-o FILE]\n"
    "\n"
    "Writes an ISO image that boots the layout by GRUB, on BIOS and on UEFI machines, from a\n"
    "CD or copied to a whole USB stick. The machine must be the platform that the layout names.\n"
    "\n"
    "Examples:\n"
    "  cloison image configs/layouts/minimal.xml -o minimal.iso\n"
    "  dd if=minimal.iso of=/dev/sdX bs=4M        a USB stick, all of which is overwritten\n";

constexpr const char* exit_status =
    "Exit status:\n"
    "  0  the image is written\n"
    "  1  the layout has errors, or the image could not be written\n"
    "  2  the command line is wrong\n";

struct Wanted {
    std::string layout, file;
};

void write_image(const Wanted& wanted) {
    CompiledLayout compiled = compile_or_throw(wanted.layout);
    std::string file = wanted.file.empty() ? compiled.layout.name + ".iso" : wanted.file;
    Signals signals; // grub-mkrescue gets them, and we its failure
    RunFolder folder{{}};
    write_iso(std::filesystem::absolute(file), share_file("firmware.elf"),
              modules_of(compiled.manifest, compiled.plan), folder.path());
    std::cout << file << ": " << (std::filesystem::file_size(file) + mib - 1) / mib
              << " MiB, boots " << compiled.layout.name << " on " << compiled.platform.name
              << ", BIOS or UEFI\n";
}

int complain(const std::string& what) {
    std::cerr << "cloison image: " << what << "\nTry 'cloison image --help'.\n";
    return 2;
}

} // namespace

int run_image(const std::vector<std::string>& words) {
    Wanted wanted;
    po::options_description visible("Options");
    visible.add_options()("output,o", po::value(&wanted.file)->value_name("FILE"),
                          "the image; the layout's name and .iso unless told")("help,h",
                                                                               "print this text");
    po::options_description all;
    all.add(visible).add_options()("layout", po::value(&wanted.layout));
    po::positional_options_description layout;
    layout.add("layout", 1);
    po::variables_map values;
    try {
        po::store(po::command_line_parser(words).options(all).positional(layout).run(), values);
        po::notify(values);
    } catch (const po::error& error) {
        return complain(error.what());
    }
    if (values.count("help") != 0) {
        std::cout << usage << "\n" << visible << "\n" << exit_status;
        return 0;
    }
    if (wanted.layout.empty())
        return complain("which layout?");
    try {
        write_image(wanted);
        return 0;
    } catch (const RunError& error) {
        std::cerr << "cloison: " << error.what() << '\n';
        return 1;
    }
}

} // namespace cloison::run
