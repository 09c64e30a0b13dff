// SPDX-License-Identifier: Apache-2.0
// The compiler of layouts: XML in, checked manifest out. `cloison check`, `show`, `boot` and the
// tests all come through here, so what one of them accepts the others accept.
#pragma once

#include "partitions/layout/layout.hpp"
#include "partitions/plan/plan.hpp"
#include "partitions/platform/platform.hpp"
#include "partitions/result/diagnostic.hpp"
#include "partitions/result/purpose.hpp"

#include <filesystem>
#include <optional>
#include <vector>

namespace cloison {

struct CompiledLayout {
    Layout layout;
    Platform platform;
    Plan plan; // plan.images lists the files to hand over, by image number
    std::vector<u8>
        manifest; // complete, with its CRC; abi::verify has accepted it. Empty where the
                  // layout has what a manifest does not hold, which Purpose::model allows
};

/// What came of it: a layout ready to boot, or at least one error. Warnings come with either.
struct Compilation {
    std::optional<CompiledLayout> value;
    Diagnostics diagnostics;

    [[nodiscard]] bool ok() const { return value.has_value(); }
};

/// Compiles the layout in `file` for the platform it names. When that is ok() for Purpose::boot,
/// the firmware will accept the manifest on that platform.
Compilation compile(const std::filesystem::path& file, Purpose purpose = Purpose::boot);

} // namespace cloison
