// SPDX-License-Identifier: Apache-2.0
// Numbers and words in the files of /proc and /sys. A value that is there and makes no sense is an
// error with the file's name: a machine described wrongly would be divided wrongly.
#pragma once

#include "partitions/describe/tree.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloison::describe {

/// `text` without the white space around it.
std::string_view trim(std::string_view text);

/// The parts between spaces, tabs and line breaks.
std::vector<std::string_view> words(std::string_view text);

/// The lines, without their ends.
std::vector<std::string_view> lines(std::string_view text);

/// `text` in quotation marks for a message: shortened, and without what a terminal would obey.
std::string shown(std::string_view text);

/// A whole number up to `most`, decimal or, behind 0x, hexadecimal. None for anything else.
std::optional<u64> parse_number(std::string_view text, u64 most);

/// Digits of base 16 without 0x, as in /proc/ioports.
std::optional<u64> parse_hex(std::string_view text, u64 most);

/// The number that is all of the file. None when there is no file to read. Throws DescribeError
/// when it holds something else.
std::optional<u64> number_in(const Tree& tree, const std::string& path, u64 most);

/// The same where -1 says that there is none, as the kernel has it for nodes and packages.
std::optional<u32> id_in(const Tree& tree, const std::string& path);

/// The number behind `prefix` in a name, as 12 in "cpu12". None when the name is another.
std::optional<u32> number_of(std::string_view name, std::string_view prefix);

} // namespace cloison::describe
