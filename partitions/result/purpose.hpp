// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace cloison {

/// What a layout is judged for: booting needs a firmware that does all of it, a timing model none.
enum class Purpose { boot, model };

} // namespace cloison
