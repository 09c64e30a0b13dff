// SPDX-License-Identifier: Apache-2.0
// Reads the values of one element. A value that is missing or wrong becomes zero or empty, and the
// finding is recorded, so that a reader runs through the whole file without asking after each
// value.
#pragma once

#include "partitions/result/diagnostic.hpp"
#include "partitions/xml/values.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tinyxml2 {
class XMLElement;
}

namespace cloison::xml {

class Reader {
  public:
    Reader(const tinyxml2::XMLElement& element, const std::string& file, Diagnostics& findings)
        : element_(element),
          file_(file),
          findings_(findings) {}

    [[nodiscard]] Location where() const;
    /// Where the attribute is, or the element when it has none of that name.
    [[nodiscard]] Location where(const char* attribute) const;
    [[nodiscard]] Diagnostics& findings() const { return findings_; }

    [[nodiscard]] bool has(const char* attribute) const;
    /// The attribute's value with line breaks and tabs as spaces (XML 1.0, 3.3.3).
    [[nodiscard]] std::string text(const char* attribute) const;
    [[nodiscard]] u64 size(const char* attribute) const;
    [[nodiscard]] u64 address(const char* attribute) const;
    [[nodiscard]] u64 integer(const char* attribute, u64 least, u64 most) const;
    /// Position of the attribute's value in `words`; 0 when it is none of them. A word of `later`
    /// is refused as not there yet.
    [[nodiscard]] usize keyword(const char* attribute, std::span<const std::string_view> words,
                                std::span<const std::string_view> later = {}) const;
    /// A name that the manifest can hold: [a-z][a-z0-9-]*, at most 31 characters. `rule` is the
    /// rule that anything else breaks.
    [[nodiscard]] std::string name(const char* attribute, std::string_view rule) const;

    /// The children called `name`, in order.
    [[nodiscard]] std::vector<Reader> children(const char* name) const;
    [[nodiscard]] std::optional<Reader> child(const char* name) const;

  private:
    u64 number(const char* attribute, const Parsed<u64>& parsed) const;

    const tinyxml2::XMLElement& element_;
    const std::string& file_;
    Diagnostics& findings_;
};

} // namespace cloison::xml
