// SPDX-License-Identifier: Apache-2.0
// Reads the values of one element of a document that was checked against its vocabulary. A value
// that is missing or wrong, which has been reported, reads as zero or empty, so that a reader runs
// through the whole file without asking after each value.
#pragma once

#include "partitions/result/diagnostic.hpp"
#include "partitions/xml/source.hpp"
#include "partitions/xml/vocabulary.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tinyxml2 {
class XMLElement;
}

namespace cloison::xml {

class Reader {
  public:
    Reader(const tinyxml2::XMLElement& element, const ElementRule& rule, const Source& source,
           Diagnostics& findings)
        : element_(element),
          rule_(rule),
          source_(source),
          findings_(findings) {}

    [[nodiscard]] Location where() const;
    /// Where the attribute is, or the element when it has none of that name.
    [[nodiscard]] Location where(const char* attribute) const;
    [[nodiscard]] Diagnostics& findings() const { return findings_; }

    [[nodiscard]] bool has(const char* attribute) const;
    /// The attribute's value with line breaks and tabs as spaces (XML 1.0, 3.3.3).
    [[nodiscard]] std::string text(const char* attribute) const;
    /// The value as parse_value() has it.
    [[nodiscard]] u64 number(const char* attribute) const;
    [[nodiscard]] u64 number_or(const char* attribute, u64 otherwise) const;
    /// The same for keywords that are the values of an enumeration, in its order.
    template <typename E>
    [[nodiscard]] E keyword(const char* attribute) const {
        return static_cast<E>(number(attribute));
    }

    /// The children called `name`, in order.
    [[nodiscard]] std::vector<Reader> children(const char* name) const;
    [[nodiscard]] std::optional<Reader> child(const char* name) const;

  private:
    const tinyxml2::XMLElement& element_;
    const ElementRule& rule_;
    const Source& source_;
    Diagnostics& findings_;
};

} // namespace cloison::xml
