// SPDX-License-Identifier: Apache-2.0
#include "partitions/picture/text_width.hpp"

#include <utility>

namespace cloison::picture {

namespace {

constexpr double bold = 1.1; // titles are, and everything is measured as if it were

/// In hundredths of the font's size.
int width_of(unsigned char c) {
    constexpr std::string_view thin = "ijl.,:;'|!()[]/ ", narrow = "frtI-\"", wide = "mwMW@%";
    if (thin.find(static_cast<char>(c)) != std::string_view::npos)
        return 37;
    if (narrow.find(static_cast<char>(c)) != std::string_view::npos)
        return 46;
    if (wide.find(static_cast<char>(c)) != std::string_view::npos)
        return 100;
    return c >= 'A' && c <= 'Z' ? 78 : c < 0x80 ? 64 : 100;
}

bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80; // not the first byte of a character
}

} // namespace

double text_width(std::string_view text, double size) {
    int hundredths = 0;
    for (char c : text)
        hundredths += continues(c) ? 0 : width_of(static_cast<unsigned char>(c));
    return hundredths * size / 100 * bold;
}

std::string fit(const std::string& text, double width, double size) {
    constexpr usize fewest = 4;
    if (text_width(text, size) <= width)
        return text;
    std::string shorter = text;
    while (!shorter.empty()) {
        while (shorter.size() > 1 && continues(shorter.back()))
            shorter.pop_back();
        shorter.pop_back();
        if (text_width(shorter + "…", size) <= width)
            break;
    }
    return shorter.size() < fewest ? "" : shorter + "…";
}

std::string about(u64 bytes) {
    for (auto [unit, name] : {std::pair(1024 * gib, "TiB"), std::pair(gib, "GiB"),
                              std::pair(mib, "MiB"), std::pair(kib, "KiB")}) {
        u64 tenths = bytes / unit * 10 + (bytes % unit * 10 + unit / 2) / unit;
        if (bytes >= unit)
            return std::to_string(tenths / 10) +
                   (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10)) + name;
    }
    return std::to_string(bytes) + " bytes";
}

std::string plural(usize count, const std::string& noun) {
    return std::to_string(count) + " " + noun +
           (count == 1             ? ""
            : noun.ends_with("ch") ? "es"
                                   : "s");
}

} // namespace cloison::picture
