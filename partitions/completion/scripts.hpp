// SPDX-License-Identifier: Apache-2.0
// The scripts that teach a shell to complete the command's words.
#pragma once

#include "partitions/completion/help_page.hpp"

#include <string>
#include <vector>

namespace cloison::completion {

/// A script for bash 4 or later, with all words in it but the names of a layout's partitions, which
/// it asks the command for.
std::string bash_script(const std::vector<VerbShape>& verbs, const std::vector<std::string>& rules);

/// The same for zsh 5 or later, with what each verb and option means.
std::string zsh_script(const std::vector<VerbShape>& verbs, const std::vector<std::string>& rules);

/// `words` with spaces between.
std::string joined(const std::vector<std::string>& words);

/// The word by which the scripts know what completes a placeholder or choice: "layouts", or for
/// words that are listed "=bash zsh". A placeholder without a meaning is any file.
std::string action_of(const std::string& placeholder);

} // namespace cloison::completion
