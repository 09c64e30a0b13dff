// SPDX-License-Identifier: Apache-2.0
#include "partitions/result/diagnostic.hpp"

#include <utility>

namespace cloison {

void Diagnostics::add(Diagnostic finding) {
    ++(finding.severity == Severity::error ? errors_ : warnings_);
    if (list_.size() < kept_at_most)
        list_.push_back(std::move(finding));
}

void Diagnostics::error(const Location& where, std::string_view rule, std::string message,
                        std::string remedy) {
    add({where, Severity::error, std::string(rule), std::move(message), std::move(remedy)});
}

void Diagnostics::warning(const Location& where, std::string_view rule, std::string message,
                          std::string remedy) {
    add({where, Severity::warning, std::string(rule), std::move(message), std::move(remedy)});
}

std::string to_text(const Diagnostic& finding, bool colour) {
    bool error = finding.severity == Severity::error;
    std::string text = finding.where.file;
    if (finding.where.line > 0)
        text += ":" + std::to_string(finding.where.line);
    if (finding.where.column > 0)
        text += ":" + std::to_string(finding.where.column);
    text += ": ";
    if (colour)
        text += error ? "\x1b[1;31m" : "\x1b[1;33m";
    text += (error ? "error[" : "warning[") + finding.rule + "]";
    if (colour)
        text += "\x1b[0m";
    text += ": " + finding.message + "\n";
    if (!finding.remedy.empty())
        text += "    remedy: " + finding.remedy + "\n";
    return text;
}

} // namespace cloison
