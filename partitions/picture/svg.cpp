// SPDX-License-Identifier: Apache-2.0
#include "partitions/picture/svg.hpp"

#include <array>
#include <charconv>
#include <tinyxml2.h>

namespace cloison::picture {

using tinyxml2::XMLElement;

std::string number(double value) {
    std::array<char, 64> buffer{};
    auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed,
                      2) // whatever the locale
            .ptr;
    std::string text(buffer.data(), end);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.')
        text.pop_back();
    return text == "-0" ? "0" : text;
}

Svg::Svg(const std::string& title)
    : document_(std::make_unique<tinyxml2::XMLDocument>()),
      root_(document_->NewElement("svg")) {
    document_->InsertEndChild(document_->NewDeclaration());
    document_->InsertEndChild(root_);
    root_->SetAttribute("xmlns", "http://www.w3.org/2000/svg");
    root_->SetAttribute("version", "1.1");
    root_->SetAttribute("role", "img");
    explain(root_, title);
}

Svg::~Svg() = default;

XMLElement* Svg::add(const char* name) {
    XMLElement* element = document_->NewElement(name);
    root_->InsertEndChild(element);
    return element;
}

void Svg::explain(XMLElement* element, const std::string& tip) {
    if (!tip.empty())
        element->InsertNewChildElement("title")->SetText(tip.c_str());
}

void Svg::rect(const Box& box, const std::string& paint, const std::string& tip, double radius) {
    XMLElement* element = add("rect");
    element->SetAttribute("x", number(box.x).c_str());
    element->SetAttribute("y", number(box.y).c_str());
    element->SetAttribute("width", number(box.w).c_str());
    element->SetAttribute("height", number(box.h).c_str());
    if (radius != 0)
        element->SetAttribute("rx", number(radius).c_str());
    element->SetAttribute("class", paint.c_str());
    explain(element, tip);
}

void Svg::text(double x, double y, const std::string& words, double size, const char* paint,
               Anchor anchor) {
    XMLElement* element = add("text");
    element->SetAttribute("x", number(x).c_str());
    element->SetAttribute("y", number(y).c_str());
    element->SetAttribute("font-size", number(size).c_str());
    element->SetAttribute("class", paint);
    if (anchor != Anchor::start)
        element->SetAttribute("text-anchor", anchor == Anchor::middle ? "middle" : "end");
    element->SetText(words.c_str());
}

void Svg::path(const std::string& way, const char* paint, const std::string& tip) {
    XMLElement* element = add("path");
    element->SetAttribute("d", way.c_str());
    element->SetAttribute("class", paint);
    explain(element, tip);
}

void Svg::style(const std::string& css, const std::string& definitions) {
    tinyxml2::XMLDocument parsed;
    parsed.Parse(("<defs>" + definitions + "</defs>").c_str());
    root_->InsertEndChild(parsed.RootElement()->DeepClone(document_.get()));
    add("style")->SetText(css.c_str());
    rect({0, 0, page, 0}, "bg");
    paper_ = root_->LastChildElement();
}

std::string Svg::finish(double height) {
    root_->SetAttribute("viewBox", ("0 0 " + number(page) + " " + number(height)).c_str());
    root_->SetAttribute("width", number(page).c_str());
    root_->SetAttribute("height", number(height).c_str());
    paper_->SetAttribute("height", number(height).c_str());
    tinyxml2::XMLPrinter printer;
    document_->Print(&printer);
    return printer.CStr();
}

} // namespace cloison::picture
