// SPDX-License-Identifier: Apache-2.0
// An SVG document while it is drawn. Colours are classes (style.hpp); TinyXML-2 escapes what comes
// from layouts.
#pragma once

#include "firmware/abi/types.hpp"

#include <memory>
#include <string>

namespace tinyxml2 {
class XMLDocument;
class XMLElement;
} // namespace tinyxml2

namespace cloison::picture {

inline constexpr double page = 1200, margin = 40, content = page - 2 * margin; // widths

struct Box {
    double x = 0, y = 0, w = 0, h = 0;
    [[nodiscard]] double right() const { return x + w; }
    [[nodiscard]] double bottom() const { return y + h; }
};

enum class Anchor { start, middle, end };

class Svg {
  public:
    explicit Svg(const std::string& title);
    ~Svg();
    Svg(const Svg&) = delete;
    Svg& operator=(const Svg&) = delete;

    /// A rectangle; `tip` is shown to those who point at it.
    void rect(const Box& box, const std::string& paint, const std::string& tip = {},
              double radius = 0);
    /// One line of text, `y` being its baseline.
    void text(double x, double y, const std::string& words, double size, const char* paint,
              Anchor anchor = Anchor::start);
    /// A line in SVG's path language.
    void path(const std::string& way, const char* paint, const std::string& tip = {});
    /// CSS, and what it refers to as XML; then the paper. Comes first.
    void style(const std::string& css, const std::string& definitions);

    /// The document, of the given height.
    std::string finish(double height);

  private:
    tinyxml2::XMLElement* add(const char* name);
    static void explain(tinyxml2::XMLElement* element, const std::string& tip);

    std::unique_ptr<tinyxml2::XMLDocument> document_;
    tinyxml2::XMLElement* root_;
    tinyxml2::XMLElement* paper_ = nullptr; // as high as the document will be
};

/// A number as SVG has it: two decimal places at most.
std::string number(double value);

} // namespace cloison::picture
