// SPDX-License-Identifier: Apache-2.0
// The activation of a compiled layout on a machine that is not there: its memory is an empty
// mapping of this process, its CPUs are those of FakePartition. The loaders are the firmware's own.
#pragma once

#include "partitions/compile.hpp"

namespace cloison::test {

/// Expects that every partition of the layout loads its guest and gets its virtual CPUs, and that
/// nothing was written outside its own memory.
void expect_activates(const CompiledLayout& compiled);

} // namespace cloison::test
