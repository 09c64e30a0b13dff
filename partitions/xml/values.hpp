// SPDX-License-Identifier: Apache-2.0
// How numbers are written in layouts and platforms. A size without a unit means something else to
// everybody, so there is none.
#pragma once

#include "firmware/abi/types.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace cloison::xml {

/// Why a text is not the value wanted.
struct Problem {
    std::string rule;
    std::string message;
    std::string remedy;
};

template <typename T>
using Parsed = std::variant<T, Problem>;

/// A number of bytes: a decimal integer followed by KiB, MiB, GiB or TiB, below 2^63.
Parsed<u64> parse_size(std::string_view text);

/// An address: a hexadecimal integer as in 0x100000, or what parse_size takes; below 2^63.
Parsed<u64> parse_address(std::string_view text);

/// A decimal integer from `least` to `most`.
Parsed<u64> parse_integer(std::string_view text, u64 least, u64 most);

/// `text` in quotation marks, shortened where a hostile file makes it long.
std::string quote(std::string_view text);

/// `bytes` as people write it: with the largest unit that divides it, else in bytes.
std::string format_size(u64 bytes);

} // namespace cloison::xml
