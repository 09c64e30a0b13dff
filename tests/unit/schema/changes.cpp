// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/schema/changes.hpp"

#include <algorithm>
#include <set>
#include <sstream>
#include <tuple>

namespace cloison::test {

namespace {

using xml::AttributeRule;
using xml::ElementRule;

template <typename Rule>
const Rule& find(std::span<const Rule> rules, const std::string& name) {
    return *std::find_if(rules.begin(), rules.end(),
                         [&](const Rule& rule) { return rule.name == name; });
}

std::string hexadecimal(u64 value) {
    std::ostringstream text;
    text << "0x" << std::hex << value;
    return text.str();
}

std::vector<std::string> values_for(const AttributeRule& rule) {
    std::vector<std::string> values;
    bool hex = rule.kind == xml::Kind::hexadecimal || rule.kind == xml::Kind::address;
    for (u64 bound : {rule.least, rule.most})
        for (u64 value : {bound - 1, bound, bound + 1})
            values.push_back(hex ? hexadecimal(value) : std::to_string(value));
    for (std::string_view word : rule.words)
        values.emplace_back(word);
    for (const char* text : {"",
                             "64",
                             "064",
                             " 64",
                             "64 ",
                             "+64",
                             "-64",
                             "1.125",
                             "1.25",
                             ".5",
                             "1.",
                             "0.5",
                             "0x",
                             "0X1f",
                             "0x1F",
                             "0x000000000000000000001F",
                             "64MiB",
                             "64MB",
                             "64 MiB",
                             "0KiB",
                             "64TiB",
                             "64PiB",
                             "1.5GiB",
                             "MiB",
                             "5/s",
                             "5/h",
                             "/s",
                             "5kbit/s",
                             "5bit/s",
                             "5us",
                             "5ms",
                             "5s",
                             "5min",
                             "5h",
                             "yes",
                             "Yes",
                             "alpha",
                             "-a",
                             "a-",
                             "a234567890123456789012345678901",
                             "a2345678901234567890123456789012",
                             "02:00:00:00:00:01",
                             "02:00:00:00:00:1",
                             "02:00:00:00:00:0G",
                             "0000:00:1f.7",
                             "0000:00:20.0",
                             "0000:00:1f.8",
                             "9223372036854775807KiB",
                             "0x8000000000000000"})
        values.emplace_back(text);
    for (usize digits : {63u, 64u, 65u})
        values.emplace_back(digits, 'f');
    return values;
}

class Changes {
  public:
    explicit Changes(const Element& good) : root_(good) {}

    Files make(const ElementRule& rule) {
        visit(root_, rule);
        return std::move(files_);
    }

  private:
    void add() { files_["c" + std::to_string(files_.size()) + ".xml"] = root_.print(); }

    /// Each of the things lost, then each of them doubled.
    template <typename T>
    void lose_and_double(std::vector<T>& things) {
        const std::vector<T> kept = things;
        for (usize i = 0; i < kept.size(); ++i) {
            things.erase(things.begin() + static_cast<std::ptrdiff_t>(i));
            add();
            things = kept;
            things.push_back(kept[i]);
            add();
            things = kept;
        }
    }

    void give_values(std::string& attribute, const AttributeRule& rule) {
        if (!given_.emplace(rule.kind, rule.least, rule.most, rule.words.data()).second)
            return;
        const std::string kept = attribute;
        for (const std::string& value : values_for(rule)) {
            attribute = value;
            add();
        }
        attribute = kept;
    }

    void visit(Element& element, const ElementRule& rule) {
        lose_and_double(element.attributes);
        lose_and_double(element.children);
        for (auto& [name, value] : element.attributes)
            give_values(value, find(rule.attributes, name));
        for (Element& child : element.children)
            visit(child, find(rule.children, child.name));
    }

    Element root_;
    Files files_;
    // The forms of values that had all their values tried.
    std::set<std::tuple<xml::Kind, u64, u64, const std::string_view*>> given_;
};

} // namespace

Files each_change(const Element& good, const ElementRule& root) {
    return Changes(good).make(root);
}

} // namespace cloison::test
