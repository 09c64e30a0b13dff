// SPDX-License-Identifier: Apache-2.0
// UTF-8 and the characters that XML 1.0 allows (section 2.2).
#pragma once

#include "firmware/abi/types.hpp"

#include <string_view>

namespace cloison::xml {

/// True for the characters an XML 1.0 document may hold.
constexpr bool is_xml_character(u32 c) {
    return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) ||
           (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

/// One character at the start of a text: its code and its bytes. `length` is 0 when the bytes are
/// not UTF-8 (RFC 3629: shortest form, no surrogates).
struct Character {
    u32 code = 0;
    u32 length = 0;
};

constexpr Character decode_utf8(std::string_view text) {
    if (text.empty())
        return {};
    auto byte = [&](usize i) { return static_cast<u32>(static_cast<unsigned char>(text[i])); };
    u32 first = byte(0);
    if (first < 0x80)
        return {first, 1};
    u32 length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length)
        return {};
    u32 code = first & (0x7Fu >> length);
    for (u32 i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80)
            return {};
        code = code << 6 | (byte(i) & 0x3F);
    }
    bool shortest = length == 2 || (length == 3 && code >= 0x800) || code >= 0x10000;
    bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return shortest && !surrogate && code <= 0x10FFFF ? Character{code, length} : Character{};
}

} // namespace cloison::xml
