// SPDX-License-Identifier: Apache-2.0
// Sample layouts say themselves what is wrong with them, in comments of the form
//     <!-- expect: LINE RULE -->   or   <!-- expect: FILE:LINE RULE -->
// so that a sample can be read without looking at a test.
#pragma once

#include "partitions/result/diagnostic.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace cloison::test {

/// A finding as "FILE:LINE RULE", the file relative to the samples' folder.
using Expected = std::multiset<std::string>;

inline std::string read_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// What the sample says of itself.
inline Expected expectations(const std::filesystem::path& sample) {
    const std::string start = "<!-- expect: ";
    std::string text = read_text(sample);
    Expected expected;
    for (usize at = 0; (at = text.find(start, at)) != std::string::npos;) {
        at += start.size();
        std::istringstream words(text.substr(at, text.find(" -->", at) - at));
        std::string place, rule;
        words >> place >> rule;
        if (place.find(':') == std::string::npos)
            place.insert(0, sample.filename().string() + ":");
        expected.insert(place.append(" ").append(rule));
    }
    return expected;
}

/// What was found in it.
inline Expected found(const Diagnostics& findings, const std::filesystem::path& folder) {
    Expected all;
    for (const Diagnostic& finding : findings.list())
        all.insert(std::filesystem::path(finding.where.file).lexically_relative(folder).string() +
                   ":" + std::to_string(finding.where.line) + " " + finding.rule);
    return all;
}

/// The names of the sample layouts, without their ends.
inline std::vector<std::string> sample_names(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".xml")
            names.push_back(entry.path().stem().string());
    return names;
}

} // namespace cloison::test
