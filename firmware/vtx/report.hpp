// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "firmware/vtx/guest.hpp"

namespace cloison::vtx {

/// Logs why a partition stopped, and its VM exits by CPU and reason. No CPU may still run its
/// guest.
void report_stopped(const Guest& guest);

} // namespace cloison::vtx
