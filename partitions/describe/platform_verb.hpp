// SPDX-License-Identifier: Apache-2.0
// `cloison platform`: writes the platform file of the machine that it runs on.
#pragma once

#include <string>
#include <vector>

namespace cloison::describe {

/// `arguments` are those behind the verb; the exit status is returned.
int run_platform(const std::vector<std::string>& arguments);

} // namespace cloison::describe
