// SPDX-License-Identifier: Apache-2.0
#include "partitions/schema/element_types.hpp"
#include "partitions/schema/schema.hpp"
#include "partitions/schema/value_types.hpp"

#include <tinyxml2.h>

#include <map>

namespace cloison::schema {

using xml::AttributeRule;
using xml::ElementRule;
using xml::Occurs;

namespace {

/// What is in the leading comment: no two hyphens side by side (XML 1.0, 2.5).
constexpr const char* preamble = R"(
  SPDX-License-Identifier: Apache-2.0
  The shape of files that hold a <@>, printed by `cloison schema @`.
  Do not edit it: the words are in partitions/layout/words.hpp and partitions/platform/words.hpp,
  the forms of values in partitions/schema/value_types.cpp.

  This is what an editor needs to complete words and to mark misspelt ones. `cloison check` looks
  at more: at what the words mean together and on the machine. Of a file's shape alone it refuses,
  and this schema does not:
    - white space around a whole number, and white space that is a reference (&#32;);
    - quantities of 2^63 or more, in bytes, bits or microseconds;
    - namespaces, attributes of XML Schema (xsi:...), and <? ... ?> behind the start of the file;
    - document types, other encodings than UTF-8, NUL bytes behind the end, and files of more than
      16 MiB;
    - elements that are missing or repeated among others which may stand there any number of times,
      since it cannot count without prescribing an order:
)";

/// The elements whose number XSD 1.0 cannot tell, by parent and number.
std::string uncounted_elements(const std::vector<ElementType>& types) {
    std::string text;
    for (const ElementType& type : types) {
        for (Occurs occurs : {Occurs::once, Occurs::at_most_once}) {
            std::string names;
            for (const ElementRule& child : type.rule->children)
                if (child.occurs == occurs && !can_count(*type.rule))
                    names += (names.empty() ? " " : ", ") + std::string(child.name);
            if (!names.empty())
                text += "        " + std::string(how_often(occurs)) + " in <" +
                        std::string(type.rule->name) + ">:" + names + "\n";
        }
    }
    return text.empty() ? "        none in these files\n" : text;
}

class Writer {
  public:
    explicit Writer(const ElementRule& root) : types_(element_types(root)) {}

    std::string write() {
        const ElementRule& root = *types_.front().rule;
        out_.PushHeader(false, true);
        out_.PushComment(comment(root).c_str());
        out_.OpenElement("xs:schema");
        out_.PushAttribute("xmlns:xs", "http://www.w3.org/2001/XMLSchema");
        write_element(root);
        for (const ElementType& type : types_)
            write_complex_type(type);
        for (const auto& [name, type] : simple_types_)
            write_simple_type(type);
        out_.CloseElement();
        return out_.CStr();
    }

  private:
    [[nodiscard]] std::string comment(const ElementRule& root) const {
        std::string text = preamble + uncounted_elements(types_);
        for (usize at = text.find('@'); at != std::string::npos; at = text.find('@', at))
            text.replace(at, 1, root.name);
        return text;
    }

    /// Opens the element `kind` called `name`.
    void open(const char* kind, const std::string& name) {
        out_.OpenElement(kind);
        out_.PushAttribute("name", name.c_str());
    }

    void document(const std::string& text) {
        out_.OpenElement("xs:annotation");
        out_.OpenElement("xs:documentation");
        out_.PushText(text.c_str());
        out_.CloseElement();
        out_.CloseElement();
    }

    void write_element(const ElementRule& rule, const char* least = nullptr) {
        open("xs:element", std::string(rule.name));
        out_.PushAttribute("type", type_of(rule, types_).name.c_str());
        if (least != nullptr)
            out_.PushAttribute("minOccurs", least);
        document(std::string(rule.meaning));
        out_.CloseElement();
    }

    void write_complex_type(const ElementType& type) {
        open("xs:complexType", type.name);
        write_children(*type.rule);
        for (const AttributeRule& attribute : type.rule->attributes)
            write_attribute(attribute);
        out_.CloseElement();
    }

    void write_children(const ElementRule& rule) {
        bool counted = can_count(rule), none = rule.children.empty();
        out_.OpenElement(none ? "xs:sequence" : counted ? "xs:all" : "xs:choice");
        if (none) { // not quite empty, else not even white space and comments might be inside
            out_.OpenElement("xs:sequence");
            out_.CloseElement();
        }
        if (!counted) {
            out_.PushAttribute("minOccurs", "0");
            out_.PushAttribute("maxOccurs", "unbounded");
        }
        for (const ElementRule& child : rule.children)
            write_element(child, counted && child.occurs != Occurs::once ? "0" : nullptr);
        out_.CloseElement();
    }

    void write_attribute(const AttributeRule& rule) {
        ValueType type = value_type(rule);
        open("xs:attribute", std::string(rule.name));
        out_.PushAttribute("type", type.name.c_str());
        if (rule.required)
            out_.PushAttribute("use", "required");
        document(std::string(rule.meaning));
        out_.CloseElement();
        simple_types_.emplace(type.name, std::move(type));
    }

    void write_simple_type(const ValueType& type) {
        open("xs:simpleType", type.name);
        if (type.facets.empty() || type.facets.front().name != "enumeration")
            document(type.phrase + (type.example.empty() ? "" : ", as in " + type.example));
        out_.OpenElement("xs:restriction");
        out_.PushAttribute("base", type.base.c_str());
        for (const Facet& facet : type.facets) {
            out_.OpenElement(("xs:" + facet.name).c_str());
            out_.PushAttribute("value", facet.value.c_str());
            out_.CloseElement();
        }
        out_.CloseElement();
        out_.CloseElement();
    }

    std::vector<ElementType> types_;
    std::map<std::string, ValueType> simple_types_; // those that were used, by name
    tinyxml2::XMLPrinter out_;
};

} // namespace

std::string to_xsd(const ElementRule& root) {
    return Writer(root).write();
}

} // namespace cloison::schema
