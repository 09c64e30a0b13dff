// SPDX-License-Identifier: Apache-2.0
// Where in a file a thing stands. TinyXML-2 counts lines and no columns; but the strings of a
// parsed document stay where the text had them in the parser's copy of it, so that a pointer into
// it is a place in the file.
#pragma once

#include "firmware/abi/types.hpp"
#include "partitions/result/diagnostic.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cloison::xml {

class Source {
  public:
    /// `text` is the file's, `file` what findings call it. `root` points into the parser's copy, to
    /// the name of the document's element.
    Source(std::string_view text, std::string file, const char* root);

    /// The place of a string that the parser found in the text.
    [[nodiscard]] Location at(const char* parsed) const;

  private:
    std::string file_;
    std::vector<usize> lines_; // offsets at which lines begin
    const char* start_;        // of the parser's copy
};

} // namespace cloison::xml
