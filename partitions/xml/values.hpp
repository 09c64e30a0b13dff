// SPDX-License-Identifier: Apache-2.0
// How values are written in layouts and platforms. A size without a unit means something else to
// everybody, so there is none.
#pragma once

#include "firmware/abi/types.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace cloison::xml {

struct AttributeRule;

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

/// A hexadecimal integer from `least` to `most`, as in 0x8086.
Parsed<u64> parse_hexadecimal(std::string_view text, u64 least, u64 most);

/// Hundredths: a decimal number of at most two decimal places, as in 0.25; below 10^9.
Parsed<u64> parse_decimal(std::string_view text);

/// Events a second, as in 500/s.
Parsed<u64> parse_rate(std::string_view text);

/// Bits a second: a decimal integer followed by kbit/s, Mbit/s or Gbit/s.
Parsed<u64> parse_bandwidth(std::string_view text);

/// Microseconds: a decimal integer followed by us, ms, s or min.
Parsed<u64> parse_duration(std::string_view text);

/// An Ethernet address, the first byte being the highest of the 48 bits.
Parsed<u64> parse_mac(std::string_view text);

/// A PCI function, as lspci -D prints it: segment in bits 31:16, bus in 15:8, device in 7:3,
/// function in 2:0.
Parsed<u64> parse_pci(std::string_view text);

/// The value of an attribute as a number. For text, path, name and sha256 that is 0; for a keyword
/// its position in the rule's words.
Parsed<u64> parse_value(std::string_view text, const AttributeRule& rule);

/// `value` with line breaks and tabs as spaces (XML 1.0, 3.3.3).
std::string normalized(const char* value);

/// `text` in quotation marks, shortened where a hostile file makes it long.
std::string quote(std::string_view text);

/// `bytes` as people write it: with the largest unit that divides it, else in bytes.
std::string format_size(u64 bytes);
/// The same for the other values, as their parsers take them.
std::string format_hex(u64 value);
std::string format_decimal(u64 hundredths);
std::string format_bandwidth(u64 bits);
std::string format_duration(u64 microseconds);
std::string format_mac(u64 mac);
std::string format_pci(u64 address);

} // namespace cloison::xml
