// SPDX-License-Identifier: Apache-2.0
// A plan as a layout in which nothing is left to choose: every CPU by its APIC ID, all memory by
// its address, every Ethernet address, the digests of the images. Compiled again it gives the same
// plan, whatever a later planner would choose.
#pragma once

#include "partitions/compile.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace cloison::bindings {

/// Where relative paths of a layout start.
struct Folders {
    std::filesystem::path from;              // of the layout that was compiled
    std::optional<std::filesystem::path> to; // of the one to be written; none: paths stay
};

/// The layout as XML, the same text for the same plan. An image that cannot be read any more has no
/// digest in it.
std::string to_xml(const CompiledLayout& compiled, const Folders& folders);

/// `path` of a file in `folders.from`, as a file in `folders.to` has to write it. Absolute paths
/// and those of guests stay.
std::string moved(const std::string& path, const Folders& folders);

} // namespace cloison::bindings
