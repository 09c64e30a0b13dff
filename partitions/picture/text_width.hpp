// SPDX-License-Identifier: Apache-2.0
// How wide text will be. The picture brings no font along, so this is the width in the widest of
// the usual ones (DejaVu Sans, Verdana): in any other there is some room left.
#pragma once

#include "firmware/abi/types.hpp"

#include <string>
#include <string_view>

namespace cloison::picture {

/// Width of UTF-8 text in a font of `size` units.
double text_width(std::string_view text, double size);

/// `text`, shortened by an ellipsis where it is wider than `width`; empty where fewer than four
/// letters would be left.
std::string fit(const std::string& text, double width, double size);

/// A number of bytes for people, to a tenth of its unit.
std::string about(u64 bytes);

/// "1 CPU", "2 CPUs".
std::string plural(usize count, const std::string& noun);

} // namespace cloison::picture
