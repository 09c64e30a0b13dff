// SPDX-License-Identifier: Apache-2.0
#include "partitions/describe/report.hpp"

#include "partitions/command/json.hpp"
#include "partitions/command/table.hpp"

#include <algorithm>

namespace cloison::describe {

namespace {

constexpr const char* not_known_from_here =
    "Cannot be known from here, since Linux shows no VMX capability MSR: MSR bitmaps,\n"
    "INVEPT, PAT and EFER loaded on VM exits, virtualised x2APIC; and whether the TSCs\n"
    "of all CPUs count together. The firmware looks at power-on, and names what is\n"
    "missing in lines @missing.\n";

const char* word_for(Need need) {
    return need == Need::needed ? "needed" : "used";
}

const char* word_for(State state) {
    switch (state) {
    case State::present:
        return "there";
    case State::absent:
        return "lacking";
    case State::unknown:
        break;
    }
    return "not known";
}

usize count(const std::vector<Item>& items, Need need, State state) {
    return static_cast<usize>(std::count_if(items.begin(), items.end(), [&](const Item& item) {
        return item.need == need && item.state == state;
    }));
}

std::string sum_up(const std::vector<Item>& items, const std::string& name) {
    usize lacking = count(items, Need::needed, State::absent);
    usize unknown = count(items, Need::needed, State::unknown);
    if (lacking != 0)
        return name + ": not fit for Cloison: it lacks " + std::to_string(lacking) +
               " of the things that are needed\n";
    if (unknown != 0)
        return name + ": not known to be fit for Cloison: " + std::to_string(unknown) +
               " of the things that are needed could not be seen\n";
    usize less = count(items, Need::used, State::absent);
    return name + ": fit for Cloison" +
           (less == 0 ? "\n"
                      : ", though it lacks " + std::to_string(less) +
                            " of the things that are used where they are there\n");
}

std::string indented(const std::string& text, usize indent) {
    std::string out;
    for (const std::string& line : command::wrap(text, command::page_width - indent))
        out += std::string(indent, ' ') + line + "\n";
    return out;
}

/// Items of one kind, each with its remark below it.
std::string group(const std::vector<Item>& items, Need need, State state) {
    if (count(items, need, state) == 0)
        return "";
    std::string text = std::string("\n") + word_for(need) +
                       (need == Need::used ? " where it is there, " : ", ") + word_for(state) +
                       ":\n";
    for (const Item& item : items)
        if (item.need == need && item.state == state)
            text += "  " + item.name + "\n" + (item.remark.empty() ? "" : indented(item.remark, 6));
    return text;
}

} // namespace

std::string to_text(const std::vector<Item>& items, const std::string& name) {
    std::string text = sum_up(items, name);
    for (Need need : {Need::needed, Need::used})
        for (State state : {State::absent, State::unknown})
            text += group(items, need, state);
    std::string there;
    for (const Item& item : items)
        if (item.state == State::present)
            there += (there.empty() ? "" : ", ") + item.name;
    return text + "\nthere:\n" + indented(there, 2) + "\n" + not_known_from_here;
}

std::string to_json(const std::vector<Item>& items, const std::string& name,
                    const std::string& xml) {
    std::vector<std::string> list;
    list.reserve(items.size());
    for (const Item& item : items)
        list.push_back(json::object({{"name", json::string(item.name)},
                                     {"need", json::string(word_for(item.need))},
                                     {"state", json::string(word_for(item.state))},
                                     {"remark", json::string(item.remark)}}));
    json::Members members{{"name", json::string(name)},
                          {"fit", json::boolean(fit(items))},
                          {"items", json::array(list)}};
    if (!xml.empty())
        members.emplace_back("xml", json::string(xml));
    return json::object(members);
}

} // namespace cloison::describe
