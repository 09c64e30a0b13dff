// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/events.hpp"

#include <charconv>

namespace cloison::run {

namespace {

// Takes the first word off `rest`.
std::string_view take_word(std::string_view& rest) {
    usize end = rest.find(' ');
    std::string_view word = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    return word;
}

} // namespace

std::string_view Event::text(std::string_view key) const {
    for (const auto& [field, value] : fields)
        if (field == key)
            return value;
    return {};
}

std::optional<u64> Event::number(std::string_view key) const {
    std::string_view digits = text(key);
    u64 value = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    return value;
}

std::optional<Event> parse_event(std::string_view line) {
    if (!line.starts_with('@'))
        return std::nullopt;
    line.remove_prefix(1);
    Event event;
    event.name = take_word(line);
    if (event.name == "guest")
        event.name.append(" ").append(take_word(line));
    while (!line.empty()) {
        if (line.starts_with("cmdline=")) {
            event.fields.emplace_back("cmdline", line.substr(line.find('=') + 1));
            break;
        }
        std::string_view word = take_word(line);
        usize equals = word.find('=');
        if (equals != std::string_view::npos)
            event.fields.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    }
    return event;
}

} // namespace cloison::run
