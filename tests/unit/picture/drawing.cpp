// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/picture/drawing.hpp"
#include "partitions/picture/text_width.hpp"

#include <algorithm>
#include <tinyxml2.h>

namespace cloison::test {

namespace {

using tinyxml2::XMLElement;

std::string text_of(const XMLElement* element) {
    const char* text = element == nullptr ? nullptr : element->GetText();
    return text == nullptr ? "" : text;
}

Shape read_rect(const XMLElement& element) {
    return {{element.DoubleAttribute("x"), element.DoubleAttribute("y"),
             element.DoubleAttribute("width"), element.DoubleAttribute("height")},
            element.Attribute("class"),
            text_of(element.FirstChildElement("title"))};
}

/// The box that the text fills in the font that is counted on: three quarters of its size are above
/// the baseline, a fifth below.
Shape read_text(const XMLElement& element) {
    std::string words = text_of(&element);
    double size = element.DoubleAttribute("font-size"), x = element.DoubleAttribute("x");
    double width = picture::text_width(words, size);
    const char* anchor = element.Attribute("text-anchor");
    if (anchor != nullptr)
        x -= std::string_view(anchor) == "middle" ? width / 2 : width;
    return {{x, element.DoubleAttribute("y") - 0.75 * size, width, 0.95 * size},
            element.Attribute("class"),
            words};
}

std::string number(u64 value) {
    return "\"" + std::to_string(value) + "\"";
}

} // namespace

Drawing read_drawing(const std::string& svg) {
    tinyxml2::XMLDocument document;
    Drawing drawing;
    drawing.well_formed = document.Parse(svg.data(), svg.size()) == tinyxml2::XML_SUCCESS;
    const XMLElement* root = document.RootElement();
    if (!drawing.well_formed || root == nullptr)
        return drawing;
    drawing.width = root->DoubleAttribute("width");
    drawing.height = root->DoubleAttribute("height");
    for (const auto* e = root->FirstChildElement(); e != nullptr; e = e->NextSiblingElement()) {
        if (std::string_view(e->Name()) == "rect")
            drawing.rects.push_back(read_rect(*e));
        if (std::string_view(e->Name()) == "text")
            drawing.texts.push_back(read_text(*e));
    }
    return drawing;
}

std::vector<Shape> with_tip(const Drawing& drawing, const std::string& words) {
    std::vector<Shape> found;
    std::copy_if(drawing.rects.begin(), drawing.rects.end(), std::back_inserter(found),
                 [&](const Shape& shape) { return shape.words.starts_with(words); });
    return found;
}

std::string platform_xml(usize packages, usize cores) {
    std::string text = "<platform name=\"test\" large-pages-1g=\"yes\">";
    u32 id = 0;
    for (usize p = 0; p < packages; ++p) {
        text += "<node id=" + number(p) + "/>";
        for (usize c = 0; c < cores; ++c)
            for (u32 t = 0; t < 2; ++t)
                text += "<processor apic-id=" + number(id++) + " package=" + number(p) +
                        " core=" + number(c) + " thread=" + number(t) + " node=" + number(p) + "/>";
    }
    text += "<ram base=\"1MiB\" size=\"2047MiB\"/>";
    for (usize p = 0; p < packages; ++p)
        text += "<ram base=\"" + std::to_string(4 + 4 * p) +
                "GiB\" size=\"4GiB\" node=" + number(p) + "/>";
    return text + "<firmware base=\"2MiB\" size=\"256MiB\"/>"
                  "<staging base=\"0x78000000\" size=\"64MiB\"/></platform>";
}

std::string layout_xml(usize partitions, usize cpus, u64 mebibytes) {
    std::string text = "<layout name=\"test\" platform=\"platform.xml\">"
                       "<switch name=\"lan\" server=\"p0\"/>";
    for (usize i = 0; i < partitions; ++i)
        text += "<partition name=\"p" + std::to_string(i) + "\" role=\"" +
                (i == 0 ? "io-server" : "client") +
                "\"><processors mode=\"dedicated\" desired=" + number(cpus) +
                "/><memory desired=\"" + std::to_string(mebibytes) + "MiB\"/>" +
                (i > 0 && i < 30 ? "<network switch=\"lan\"/>" : "") +
                "<boot kind=\"linux\" kernel=\"guest:test/vmlinuz\"/></partition>";
    return text + "</layout>";
}

} // namespace cloison::test
