// SPDX-License-Identifier: Apache-2.0
// Digits and names, as all forms of values have them.
#pragma once

#include "firmware/abi/manifest.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace cloison::xml {

/// The number that `digits` are, all of them; no sign, no space.
inline std::optional<u64> to_number(std::string_view digits, int base) {
    u64 value = 0;
    const char* end = digits.data() + digits.size();
    auto [stop, error] = std::from_chars(digits.data(), end, value, base);
    if (digits.empty() || error != std::errc{} || stop != end)
        return std::nullopt;
    return value;
}

/// A name that the manifest can hold.
inline bool is_name(std::string_view text) {
    auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    return !text.empty() && text.size() < abi::name_size && letter(text[0]) &&
           std::all_of(text.begin(), text.end(),
                       [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

} // namespace cloison::xml
