// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/schema/agreement.hpp"
#include "partitions/schema/element_types.hpp"
#include "partitions/xml/document.hpp"
#include "tests/unit/schema/xmllint.hpp"

#include <algorithm>

namespace cloison::test {

namespace {

using xml::ElementRule;

bool says(const Diagnostic& finding, std::string_view words) {
    return finding.message.find(words) != std::string::npos;
}

/// Whether the finding is about an element whose children XSD 1.0 cannot count.
bool is_uncounted(const Diagnostic& finding, const ElementRule& root) {
    auto types = schema::element_types(root);
    return std::any_of(types.begin(), types.end(), [&](const schema::ElementType& type) {
        std::string parent = "<" + std::string(type.rule->name) + ">";
        return !schema::can_count(*type.rule) && (finding.message.starts_with(parent + " lacks") ||
                                                  finding.message.ends_with("inside " + parent));
    });
}

/// What the parser refuses and the schema does not: its leading comment, line by line.
bool is_excepted(const Diagnostic& finding, const ElementRule& root, const std::string& text) {
    const std::string& rule = finding.rule;
    if (rule == "integer")
        return says(finding, ": ' ") || says(finding, " ' is not a whole number");
    if (rule == "size")
        return says(finding, "is more than any machine has") || says(finding, "is too much");
    if (rule == "attribute-unknown")
        return says(finding, "attribute 'xmlns") || says(finding, "attribute 'xsi:");
    if (rule == "xml-malformed")
        return says(finding, "<? … ?> belongs at the start");
    if (rule == "element-missing" || rule == "element-repeated")
        return is_uncounted(finding, root);
    if (rule == "xml-text")
        return text.find("&#32;") != text.npos;
    return rule == "xml-doctype" || rule == "xml-encoding" || rule == "xml-size" ||
           rule == "xml-nul";
}

std::string rules_of(const Diagnostics& findings) {
    std::string rules;
    for (const Diagnostic& finding : findings.list())
        rules += " " + finding.rule + " (" + finding.message + ")";
    return rules;
}

} // namespace

Agreement judge(const Files& files, const ElementRule& root) {
    TemporaryFolder folder;
    for (const auto& [name, text] : files)
        folder.write(name, text);
    auto valid = valid_files(folder.path(),
                             CLOISON_SOURCE "/configs/schema/" + std::string(root.name) + ".xsd");
    Agreement result;
    for (const auto& [name, text] : files) {
        Diagnostics findings;
        (void)xml::parse(text, name, root, findings);
        bool accepted = valid.contains(name), sound = findings.errors() == 0;
        bool excepted = std::all_of(findings.list().begin(), findings.list().end(),
                                    [&, &source = text](const Diagnostic& finding) {
                                        return is_excepted(finding, root, source);
                                    });
        if (accepted == sound)
            ++(sound ? result.good : result.bad);
        else if (accepted && excepted)
            ++result.excepted;
        else
            result.differences.push_back(
                name + ": the schema " + (accepted ? "accepts" : "refuses") +
                " what the parser does not:" + rules_of(findings) + "\n" + text);
    }
    return result;
}

} // namespace cloison::test
