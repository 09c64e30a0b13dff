// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/options.hpp"

#include "partitions/run/error.hpp"

#include <boost/program_options.hpp>

#include <sstream>
#include <vector>

namespace cloison::run {

namespace {

namespace po = boost::program_options;

constexpr i64 default_timeout = 600;

constexpr const char* boot_purpose =
    "Usage: cloison boot LAYOUT [option]...\n"
    "Boots the layout under the firmware on an emulated machine with VT-x.\n";
constexpr const char* reference_purpose =
    "Usage: cloison reference LAYOUT [option]...\n"
    "Boots the layout's guests one at a time, each on an emulated machine of its own with the\n"
    "partition's CPUs and memory and without the firmware: what the firmware's cost is held "
    "against.\n";
constexpr const char* closing =
    "\n"
    "Consoles are kept as NAME.console and firmware.log in the run folder. The run ends when "
    "every\n"
    "client has stopped; servers (roles control and io-server) do not stop by themselves.\n"
    "\n"
    "Exit status:\n"
    "  0         every guest reported, from inside, the CPUs, the memory and the command line "
    "that\n"
    "            the layout gives it, no check of its own failed, and every client powered off\n"
    "  1         something else happened, or the layout or the machine could not be made ready\n"
    "  2         the command line is wrong\n"
    "  128 + N   signal N ended the run (130: Ctrl-C)\n";

po::options_description visible_options(Verb verb) {
    po::options_description options("Options");
    auto add = options.add_options();
    if (verb == Verb::boot) {
        add("on", po::value<std::string>()->value_name("EMULATOR")->default_value("bochs"),
            "bochs, or qemu on a host with KVM and nested VT-x");
        add("console", po::value<std::string>()->value_name("NAME"),
            "attach this terminal to that partition's console, or to a served one: alpha.0 is the "
            "first of alpha's; Ctrl-] detaches");
        add("disk", po::value<std::string>()->value_name("FILE"),
            "Bochs: the machine's disk, made where it is missing and kept (default: a new one in "
            "the run folder)");
    }
    add("timeout", po::value<i64>()->value_name("SECONDS"),
        "give up after this time on the clock on the wall (default: 600, with --console 0); 0: "
        "never");
    add("run-dir", po::value<std::string>()->value_name("DIR"),
        "keep everything in DIR (default: a temporary folder, removed after a success)");
    add("keep", "keep the temporary folder");
    add("json", "print the result as JSON");
    add("verbose,v", "show all consoles as they speak");
    add("help,h", "print this");
    return options;
}

template <typename T>
T value_or(const po::variables_map& values, const char* name, T otherwise) {
    return values.count(name) != 0 ? values[name].as<T>() : otherwise;
}

po::variables_map parse(Verb verb, std::span<const std::string> words) {
    po::options_description all = visible_options(verb);
    all.add_options()("layout", po::value<std::vector<std::string>>());
    po::positional_options_description positional;
    positional.add("layout", -1);
    po::variables_map values;
    try {
        po::store(po::command_line_parser({words.begin(), words.end()})
                      .options(all)
                      .positional(positional)
                      .run(),
                  values);
    } catch (const po::error& error) {
        throw RunError(error.what());
    }
    return values;
}

Emulator emulator_named(const std::string& name) {
    if (name == "bochs")
        return Emulator::bochs;
    if (name == "qemu")
        return Emulator::qemu;
    throw RunError("there is no emulator \"" + name + "\": bochs or qemu");
}

// The library takes "-1" for a large unsigned number.
u32 timeout_of(i64 seconds) {
    if (seconds < 0 || seconds > 0x7FFFFFFF)
        throw RunError("a timeout of " + std::to_string(seconds) + " s makes no sense");
    return static_cast<u32>(seconds);
}

} // namespace

RunOptions parse_run_options(Verb verb, std::span<const std::string> words) {
    po::variables_map values = parse(verb, words);
    RunOptions options;
    options.help = values.count("help") != 0;
    if (options.help)
        return options;
    auto layouts = value_or(values, "layout", std::vector<std::string>{});
    if (layouts.size() != 1)
        throw RunError(layouts.empty() ? "which layout?" : "one layout at a time");
    options.layout = layouts[0];
    options.emulator = emulator_named(value_or(values, "on", std::string("bochs")));
    options.console = value_or(values, "console", std::string());
    options.disk = value_or(values, "disk", std::string());
    options.timeout =
        timeout_of(value_or(values, "timeout", options.console.empty() ? default_timeout : i64{0}));
    options.run_dir = value_or(values, "run-dir", std::string());
    options.json = values.count("json") != 0;
    options.keep = values.count("keep") != 0;
    options.verbose = values.count("verbose") != 0;
    return options;
}

std::string run_help(Verb verb) {
    std::ostringstream text;
    text << (verb == Verb::boot ? boot_purpose : reference_purpose) << '\n'
         << visible_options(verb) << closing;
    return text.str();
}

} // namespace cloison::run
