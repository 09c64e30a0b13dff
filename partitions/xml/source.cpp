// SPDX-License-Identifier: Apache-2.0
#include "partitions/xml/source.hpp"

#include <algorithm>
#include <utility>

namespace cloison::xml {

namespace {

/// The offset of the first element's name: behind declaration and comments. The text is
/// well-formed.
usize root_offset(std::string_view text) {
    usize at = text.find('<');
    while (at != std::string_view::npos) {
        std::string_view rest = text.substr(at);
        std::string_view end = rest.starts_with("<!--") ? "-->"
                               : rest.starts_with("<?") ? "?>"
                                                        : "";
        if (end.empty())
            return at + 1;
        at = text.find('<', text.find(end, at));
    }
    return 0;
}

} // namespace

Source::Source(std::string_view text, std::string file, const char* root)
    : file_(std::move(file)),
      lines_{0},
      start_(root - root_offset(text)) {
    for (usize at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
        lines_.push_back(at + 1);
}

Location Source::at(const char* parsed) const {
    auto offset = static_cast<usize>(parsed - start_);
    auto line = std::upper_bound(lines_.begin(), lines_.end(), offset);
    usize begin = *(line - 1);
    return {file_, static_cast<int>(line - lines_.begin()), static_cast<int>(offset - begin + 1)};
}

} // namespace cloison::xml
