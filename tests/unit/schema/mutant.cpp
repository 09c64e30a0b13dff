// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/schema/mutant.hpp"

#include <tinyxml2.h>

#include <algorithm>
#include <stdexcept>

namespace cloison::test {

namespace {

// What numbers, quantities and words look like, and almost look like; bounds and their neighbours.
constexpr const char* fronts[] = {"", "", "", "", "", " ", "+", "-", "0x", "0x", "0X", "0", "0000"};
constexpr const char* middles[] = {"",
                                   "0",
                                   "1",
                                   "5",
                                   "64",
                                   "0.5",
                                   "1.125",
                                   "0.25",
                                   ".5",
                                   "1.",
                                   "255",
                                   "1024",
                                   "4096",
                                   "65535",
                                   "65536",
                                   "99999999",
                                   "999999999",
                                   "1000000000",
                                   "9223372036854775807",
                                   "9223372036854775808",
                                   "99999999999999999999",
                                   "a",
                                   "fff8",
                                   "FFF9"};
constexpr const char* ends[] = {
    "",       "",       "",    "",    "",   "",       " ",      "h",     "KiB",  "MiB", "GiB",
    "TiB",    "MB",     "mib", "PiB", "/s", "/S",     "us",     "ms",    "s",    "min", "h",
    "kbit/s", "Mbit/s", "M",   "B",   "K",  "Gbit/s", "gbit/s", "bit/s", " MiB", "\t"};
constexpr const char* others[] = {
    "alpha",
    "Alpha",
    "a",
    "-a",
    "a-",
    "a_b",
    "1a",
    "é",
    "abcdefghijklmnopqrstuvwxyz-0123",
    "abcdefghijklmnopqrstuvwxyz-01234",
    "02:00:00:00:00:01",
    "02:00:00:00:00",
    "02-00-00-00-00-01",
    "2:0:0:0:0:1",
    "02:00:00:00:00:0g",
    "FE:FF:ff:00:aA:01",
    "02:00:00:00:00:01:02",
    "0000:00:1f.2",
    "0000:00:1F.7",
    "0000:00:20.0",
    "0000:00:1f.8",
    "00:1f.2",
    "ffff:ff:00.0",
    "0000:00:1f:2",
    "0000.00.1f.2",
    " 0000:00:1f.2",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852B855",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85g",
    "yes",
    "no",
    "Yes",
    " yes",
    "true",
    "dedicated",
    "shared",
    "client",
    "linux",
    "bochs",
    "sata",
    "32",
    "2MiB",
    "1GiB",
    "restart",
    "a&b<c>\"d'",
    "\n"};

std::string escape(const std::string& value) {
    std::string text;
    for (char c : value)
        text += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '"' ? "&quot;" : std::string(1, c);
    return text;
}

void collect(Element& element, std::vector<Element*>& all) {
    all.push_back(&element);
    for (Element& child : element.children)
        collect(child, all);
}

Element read(const tinyxml2::XMLElement& source) {
    Element element{source.Name(), {}, {}, {}};
    for (const auto* a = source.FirstAttribute(); a != nullptr; a = a->Next())
        element.attributes.emplace_back(a->Name(), a->Value());
    for (const auto* c = source.FirstChildElement(); c != nullptr; c = c->NextSiblingElement())
        element.children.push_back(read(*c));
    return element;
}

} // namespace

std::string Element::print() const {
    std::string out = "<" + name;
    for (const auto& [attribute, value] : attributes)
        out.append(" ").append(attribute).append("=\"").append(escape(value)).append("\"");
    if (children.empty() && text.empty())
        return out + "/>\n";
    out += ">" + text + "\n";
    for (const Element& child : children)
        out += child.print();
    return out + "</" + name + ">\n";
}

Element read_element(const std::string& text) {
    tinyxml2::XMLDocument document;
    if (document.Parse(text.data(), text.size()) != tinyxml2::XML_SUCCESS)
        throw std::runtime_error("not well-formed: " + text);
    return read(*document.RootElement());
}

Element Mutator::mutant(const Element& good) {
    Element root = good;
    for (usize changes = 1 + below(3); changes != 0; --changes)
        change(root);
    return root;
}

void Mutator::change(Element& root) {
    std::vector<Element*> all;
    collect(root, all);
    Element& element = *one_of(all);
    Element& other = *one_of(all);
    if (below(5) == 0)
        change_children(element, other);
    else
        change_attributes(element, other);
}

void Mutator::change_attributes(Element& element, const Element& other) {
    auto& attributes = element.attributes;
    usize kind = below(10);
    if (kind == 0 && !other.attributes.empty())
        attributes.push_back(one_of(other.attributes)); // perhaps a second one of the name
    if (attributes.empty())
        return;
    auto& attribute = one_of(attributes);
    if (kind == 1)
        attribute.first = misspelt(attribute.first);
    if (kind == 2)
        attributes.erase(attributes.begin() + (&attribute - attributes.data()));
    if (kind >= 3)
        attribute.second = kind == 3 ? misspelt(attribute.second) : near_miss();
}

void Mutator::change_children(Element& element, Element& other) {
    constexpr const char* inside[] = {" ",    "<!-- remark -->", " <!-- - --> \n",
                                      "text", "&#65;",           "<![CDATA[text]]>"};
    switch (below(7)) {
    case 0:
        element.name = misspelt(element.name);
        break;
    case 1:
        element.text = one_of(inside);
        break;
    case 2: { // also one of the elements around it: a copy is finite
        Element copy = other;
        element.children.push_back(std::move(copy));
        break;
    }
    case 3:
        if (!element.children.empty()) {
            Element copy = one_of(element.children);
            element.children.push_back(std::move(copy));
        }
        break;
    case 4:
        if (!element.children.empty())
            element.children.erase(element.children.begin() +
                                   static_cast<std::ptrdiff_t>(below(element.children.size())));
        break;
    case 5:
        element.attributes.emplace_back(below(2) == 0 ? "xmlns:x" : "unknown", "x");
        break;
    default:
        std::shuffle(element.children.begin(), element.children.end(), random_);
    }
}

std::string Mutator::damaged(std::string text) {
    constexpr std::string_view marks = "<>&\"'/=- !?x\n";
    for (usize changes = 1 + below(3); changes != 0; --changes) {
        usize at = below(text.size());
        switch (below(4)) {
        case 0:
            text.erase(at, 1);
            break;
        case 1:
            text.insert(at, 1, text[at]);
            break;
        case 2:
            text[at] = one_of(marks);
            break;
        default:
            text.insert(at, 1, one_of(marks));
        }
    }
    return text;
}

std::string Mutator::near_miss() {
    if (below(3) == 0)
        return one_of(others);
    std::string value = one_of(fronts);
    value += one_of(middles);
    return value + one_of(ends);
}

/// One letter more, less or other.
std::string Mutator::misspelt(std::string word) {
    usize at = below(word.size() + 1);
    if (below(3) == 0)
        return word.insert(at, 1, 'x');
    if (at == word.size())
        return word;
    if (below(2) == 0 && word.size() > 1)
        return word.erase(at, 1);
    word[at] = word[at] == 'a' ? 'b' : 'a';
    return word;
}

} // namespace cloison::test
