// SPDX-License-Identifier: Apache-2.0
// What a text must be before an XML parser may look at it. TinyXML-2 is lenient: it keeps
// references it does not know, skips document types and takes any bytes for characters. A layout
// decides who owns a machine, so nothing in it may be read in two ways.
#pragma once

#include "firmware/abi/types.hpp"
#include "partitions/result/diagnostic.hpp"

#include <string>
#include <string_view>

namespace cloison::xml {

inline constexpr u64 max_file_size = 16 * mib;
inline constexpr u32 max_nesting = 16;    // our vocabulary nests four deep
inline constexpr u32 max_attributes = 32; // of one element; our vocabulary has nine

/// Reports what is wrong with `text`, called `name` in findings. True when a parser may have it.
bool lint(std::string_view text, const std::string& name, Diagnostics& findings);

} // namespace cloison::xml
