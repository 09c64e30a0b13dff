// SPDX-License-Identifier: Apache-2.0
#include "partitions/command/options.hpp"

#include <boost/program_options.hpp>

namespace cloison::command {

namespace po = boost::program_options;

namespace {

/// What is wrong with the number of layouts; empty: nothing is.
std::string miscounted(usize layouts, usize wanted) {
    if (layouts == 0)
        return wanted == 2 ? "which layouts?" : "which layout?";
    if (wanted == any_number || layouts == wanted)
        return {};
    return wanted == 1 ? "one layout at a time" : "two layouts, to be compared";
}

} // namespace

std::optional<Options> parse_options(const std::vector<std::string>& arguments,
                                     const VerbHelp& help, int& status,
                                     const po::options_description& own) {
    Options options;
    std::string purpose;
    po::options_description visible;
    for (const auto& option : own.options())
        visible.add(option);
    visible.add_options()("json", po::bool_switch(&options.json), "print JSON instead of text")(
        "for,f", po::value(&purpose)->value_name("boot|model")->default_value("boot"),
        "boot: what the firmware of this version boots; model: the whole language");
    if (!parse_words(arguments, help, visible, options.layouts, status))
        return std::nullopt;
    if (purpose != "boot" && purpose != "model") {
        status = complain(help, "--for takes 'boot' or 'model', not '" + purpose + "'");
        return std::nullopt;
    }
    options.purpose = purpose == "model" ? Purpose::model : Purpose::boot;
    if (std::string wrong = miscounted(options.layouts.size(), help.layouts); !wrong.empty()) {
        status = complain(help, wrong);
        return std::nullopt;
    }
    return options;
}

} // namespace cloison::command
