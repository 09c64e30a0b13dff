// SPDX-License-Identifier: Apache-2.0
#include "partitions/command/json.hpp"

namespace cloison::json {

std::string string(std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string out = "\"";
    for (char c : text) {
        auto code = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            out += {'\\', c};
        else if (code < 0x20)
            out += {'\\', 'u', '0', '0', hex[code >> 4], hex[code & 15]};
        else
            out += c;
    }
    return out + "\"";
}

std::string number(u64 value) {
    return std::to_string(value);
}

std::string boolean(bool value) {
    return value ? "true" : "false";
}

std::string array(const std::vector<std::string>& elements) {
    std::string out = "[";
    for (const std::string& element : elements)
        out += (out.size() > 1 ? "," : "") + element;
    return out + "]";
}

std::string object(const Members& members) {
    std::string out = "{";
    for (const auto& [name, value] : members)
        out += (out.size() > 1 ? "," : "") + string(name) + ":" + value;
    return out + "}";
}

std::string finding(const Diagnostic& diagnostic) {
    return object(
        {{"file", string(diagnostic.where.file)},
         {"line", number(static_cast<u64>(diagnostic.where.line))},
         {"column", number(static_cast<u64>(diagnostic.where.column))},
         {"severity", string(diagnostic.severity == Severity::error ? "error" : "warning")},
         {"rule", string(diagnostic.rule)},
         {"message", string(diagnostic.message)},
         {"remedy", string(diagnostic.remedy)}});
}

std::string findings(const Diagnostics& diagnostics) {
    std::vector<std::string> list;
    for (const Diagnostic& diagnostic : diagnostics.list())
        list.push_back(finding(diagnostic));
    return array(list);
}

} // namespace cloison::json
