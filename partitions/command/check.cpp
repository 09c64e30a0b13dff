// SPDX-License-Identifier: Apache-2.0
#include "partitions/command/exit_code.hpp"
#include "partitions/command/json.hpp"
#include "partitions/command/options.hpp"
#include "partitions/command/terminal.hpp"
#include "partitions/command/verbs.hpp"
#include "partitions/compile.hpp"
#include "partitions/xml/values.hpp"

#include <iostream>
#include <unistd.h>

namespace cloison::command {

namespace {

constexpr VerbHelp help{
    "check", "[--json] [--for boot|model] LAYOUT...",
    "Says everything that is wrong with each LAYOUT on the platform it names, before\n"
    "anything boots: what is misspelt, what the machine does not have, what is given\n"
    "twice, what does not fit. A layout without errors is one that the firmware will\n"
    "activate, since the firmware verifies it by the same code.\n"
    "\n"
    "Each finding is one line, file:line:column: error[RULE]: what is wrong, followed\n"
    "by what to do about it; 'cloison explain RULE' says more. Findings go to standard error, a "
    "summary of each layout to\n"
    "standard output.\n"
    "\n"
    "Examples:\n"
    "  cloison check configs/layouts/two-linux.xml\n"
    "  cloison check --json configs/layouts/*.xml | jq '.layouts[].findings[]'\n",
    any_number};

std::string plural(usize count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string summary(const std::string& file, const Compilation& compilation) {
    const Diagnostics& findings = compilation.diagnostics;
    std::string warnings =
        findings.warnings() == 0 ? "" : ", " + plural(findings.warnings(), "warning");
    if (!compilation.ok())
        return file + ": " + plural(findings.errors(), "error") + warnings;
    const CompiledLayout& compiled = *compilation.value;
    usize cpus = 0;
    for (const PlannedPartition& partition : compiled.plan.partitions)
        cpus += partition.apic_ids.size();
    for (const auto& pool : compiled.plan.pools)
        cpus += pool.size();
    const MemoryBudget& budget = compiled.plan.budget;
    return file + ": ok: " + plural(compiled.layout.partitions.size(), "partition") + " on " +
           compiled.platform.name + ", " + std::to_string(cpus) + " of " +
           plural(compiled.platform.processors.size(), "CPU") + ", " +
           xml::format_size(budget.given) + " of " + xml::format_size(budget.given + budget.free) +
           warnings;
}

std::string to_json(const std::string& file, const Compilation& compilation) {
    const Diagnostics& findings = compilation.diagnostics;
    return json::object({{"file", json::string(file)},
                         {"ok", json::boolean(compilation.ok())},
                         {"errors", json::number(findings.errors())},
                         {"warnings", json::number(findings.warnings())},
                         {"findings", json::findings(findings)}});
}

} // namespace

void print_findings(const Diagnostics& findings) {
    bool colour = use_colour(STDERR_FILENO);
    for (const Diagnostic& finding : findings.list())
        std::cerr << to_text(finding, colour);
    if (findings.dropped() != 0)
        std::cerr << "(" << findings.dropped() << " more are not shown)\n";
}

int check(const std::vector<std::string>& arguments) {
    int status = exit_ok;
    auto options = parse_options(arguments, help, status);
    if (!options)
        return status;
    std::vector<std::string> reports;
    for (const std::string& file : options->layouts) {
        Compilation compilation = compile(file, options->purpose);
        if (!compilation.ok())
            status = exit_failed;
        if (options->json) {
            reports.push_back(to_json(file, compilation));
            continue;
        }
        print_findings(compilation.diagnostics);
        std::cout << summary(file, compilation) << std::endl; // in step with standard error
    }
    if (options->json)
        std::cout << json::object({{"layouts", json::array(reports)}}) << "\n";
    return status;
}

} // namespace cloison::command
