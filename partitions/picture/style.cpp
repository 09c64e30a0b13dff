// SPDX-License-Identifier: Apache-2.0
#include "partitions/picture/style.hpp"

namespace cloison::picture {

namespace {

// Paul Tol's "light" scheme (Colour Schemes, SRON/EPS/TN/09-002): distinct to colour-blind eyes
// too, and pale enough for black text. So these stay when the paper turns dark.
constexpr const char* colours[] = {"#77AADD", "#EE8866", "#EEDD88", "#44BB99",
                                   "#FFAABB", "#99DDFF", "#BBCC33", "#AAAA00"};
constexpr usize count = std::size(colours);

std::string pattern(char kind, usize colour, const std::string& mark) {
    std::string size = kind == 'h' ? "8" : "6";
    return "<pattern id=\"" + std::string(1, kind) + std::to_string(colour) +
           "\" patternUnits=\"userSpaceOnUse\" width=\"" + size + "\" height=\"" + size +
           "\"><rect width=\"" + size + "\" height=\"" + size + "\" fill=\"" + colours[colour] +
           "\"/>" + mark + "</pattern>";
}

} // namespace

std::string partition_paint(usize index) {
    constexpr char rounds[] = {'p', 'd', 'l'};
    return rounds[index / count % std::size(rounds)] + std::to_string(index % count);
}

std::string pool_paint(usize index) {
    return "h" + std::to_string(count - 1 - index % count);
}

std::string style_sheet() {
    std::string css = "text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',"
                      "sans-serif}";
    for (usize i = 0; i < count; ++i) {
        std::string n = std::to_string(i);
        css += ".p" + n + "{fill:" + colours[i] + "}";
        for (const char* kind : {"d", "l", "h"})
            css.append(".").append(kind + n).append("{fill:url(#").append(kind + n).append(")}");
    }
    css += ".k{fill:#111}.b{font-weight:600}"
           ".bg{fill:#fff}.t,.b{fill:#1f2328}.s{fill:#59636e}"
           ".card{fill:#f6f8fa;stroke:#d1d9e0}"
           ".free{fill:#fff;stroke:#818b98;stroke-dasharray:3 2}"
           ".fw{fill:#59636e}.staging{fill:#a5afba}.rest{fill:#d1d9e0}"
           ".wire{fill:none;stroke:#818b98;stroke-width:1.5}.tick{fill:none;stroke:#818b98}"
           "@media screen and (prefers-color-scheme:dark){"
           ".bg{fill:#0d1117}.t,.b{fill:#e6edf3}.s{fill:#9198a1}"
           ".card{fill:#151b23;stroke:#3d444d}"
           ".free{fill:#0d1117;stroke:#9198a1}"
           ".fw{fill:#9198a1}.staging{fill:#656c76}.rest{fill:#3d444d}"
           ".wire{stroke:#9198a1}.tick{stroke:#9198a1}}";
    return css;
}

std::string patterns() {
    std::string all;
    for (usize i = 0; i < count; ++i) {
        all += pattern('d', i, "<circle cx=\"3\" cy=\"3\" r=\"1\" fill=\"#111\" opacity=\".35\"/>");
        all += pattern('l', i, "<path d=\"M0 3H6\" stroke=\"#111\" opacity=\".3\"/>");
        all += pattern('h', i,
                       "<path d=\"M-2 2L2 -2M0 8L8 0M6 10L10 6\" stroke=\"#111\" "
                       "stroke-width=\"1.5\" opacity=\".35\"/>");
    }
    return all;
}

} // namespace cloison::picture
