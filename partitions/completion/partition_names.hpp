// SPDX-License-Identifier: Apache-2.0
// The names of a layout's partitions, for completion: of a layout that is being written too, so
// that errors elsewhere in it do not matter.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cloison::completion {

/// The proper names of the layout's partitions, in order; shells expand what they complete, so that
/// others are left out. None when there is no XML to look at.
std::optional<std::vector<std::string>> partition_names(const std::filesystem::path& layout);

} // namespace cloison::completion
