// SPDX-License-Identifier: Apache-2.0
// `cloison completion`: prints the completion script of a shell.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cloison::completion {

/// A verb of the command. Run with "--help" it must print its help to std::cout.
struct Verb {
    std::string_view name;
    int (*run)(const std::vector<std::string>& arguments);
};

/// `arguments` are those behind the verb; the exit status is returned. `verbs` are all of the
/// command, "help" and this one among them.
int run_completion(const std::vector<std::string>& arguments, std::span<const Verb> verbs);

} // namespace cloison::completion
