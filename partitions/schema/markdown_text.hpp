// SPDX-License-Identifier: Apache-2.0
// Sentences that name elements, as Markdown.
#pragma once

#include <string>
#include <string_view>

namespace cloison::schema {

/// `text` with <elements> as code, since `<` would begin an element of HTML.
inline std::string markdown_of(std::string_view text) {
    std::string out;
    bool code = false;
    for (char c : text) {
        if (c == '<' && !code)
            out += '`';
        out += c;
        if (c == '<')
            code = true;
        if (c == '>' && code) {
            out += '`';
            code = false;
        }
    }
    return out;
}

} // namespace cloison::schema
