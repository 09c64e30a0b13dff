// SPDX-License-Identifier: Apache-2.0
#include "partitions/xml/lint.hpp"
#include "partitions/xml/declaration.hpp"
#include "partitions/xml/utf8.hpp"

#include <algorithm>
#include <charconv>

namespace cloison::xml {

namespace {

/// Every byte must be part of a character that XML allows; says so for the first that is not.
bool lint_characters(std::string_view text, const std::string& name, Diagnostics& findings) {
    int line = 1;
    for (usize at = 0; at < text.size();) {
        Character c = decode_utf8(text.substr(at));
        if (c.length == 0) {
            findings.error({name, line}, "xml-encoding", "the bytes here are not UTF-8",
                           "save the file as UTF-8");
            return false;
        }
        if (c.code == 0) {
            findings.error({name, line}, "xml-nul", "a NUL byte in the file",
                           "this is not a text file, or it is damaged");
            return false;
        }
        if (!is_xml_character(c.code)) {
            findings.error({name, line}, "xml-character",
                           "control character " + std::to_string(c.code) +
                               " is not allowed in XML");
            return false;
        }
        line += c.code == '\n' ? 1 : 0;
        at += c.length;
    }
    return true;
}

/// Walks the markup far enough to find what must not be there. What is malformed beyond that is
/// left to the parser, which knows better how to call it.
class MarkupLint {
  public:
    MarkupLint(std::string_view text, const std::string& name, Diagnostics& findings)
        : text_(text),
          name_(name),
          findings_(findings) {}

    void run() {
        while (!done_ && at_ < text_.size()) {
            if (rest().starts_with("<!--"))
                comment();
            else if (rest().starts_with("<![CDATA["))
                skip_past("]]>");
            else if (rest().starts_with("<?"))
                declaration();
            else if (rest().starts_with("<!"))
                document_type();
            else if (rest().starts_with("</"))
                end_tag();
            else if (text_[at_] == '<')
                start_tag();
            else
                character();
        }
    }

  private:
    [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
    [[nodiscard]] Location here() const { return {name_, line_}; }

    void advance(usize count) {
        auto part = text_.substr(at_, count);
        line_ += static_cast<int>(std::count(part.begin(), part.end(), '\n'));
        at_ += part.size();
    }

    std::string_view skip_past(std::string_view end) {
        usize found = text_.find(end, at_);
        std::string_view skipped =
            text_.substr(at_, found == std::string_view::npos ? found : found - at_);
        advance(found == std::string_view::npos ? found : found - at_ + end.size());
        return skipped;
    }

    void malformed(const Location& where, const std::string& what, const std::string& remedy = {}) {
        findings_.error(where, "xml-malformed", "malformed XML: " + what, remedy);
    }

    /// XML 1.0, 2.5. Other readers of XML refuse the file, so that we do it too.
    void comment() {
        advance(4);
        Location where = here();
        std::string_view inside = skip_past("-->");
        usize at = inside.find("--");
        if (at == std::string_view::npos && inside.ends_with('-'))
            at = inside.size();
        if (at == std::string_view::npos || done_)
            return;
        auto before = inside.substr(0, at);
        where.line += static_cast<int>(std::count(before.begin(), before.end(), '\n'));
        malformed(where, "'--' inside a comment", "write one hyphen, or a space between the two");
    }

    void declaration() {
        Location where = here();
        bool first = at_ == 0 || text_.substr(0, at_) == "\xEF\xBB\xBF";
        advance(2);
        std::string_view inside = skip_past("?>");
        if (std::string problem = declaration_problem(inside, first); !problem.empty())
            malformed(where, problem, R"(write <?xml version="1.0" encoding="UTF-8"?>)");
        else if (!declares_utf8(inside))
            findings_.error(where, "xml-encoding", "the file declares an encoding other than UTF-8",
                            "save the file as UTF-8 and declare encoding=\"UTF-8\" or nothing");
    }

    void document_type() {
        findings_.error(here(), "xml-doctype", "document types and entities are not allowed",
                        "delete the <!DOCTYPE …> and write out what its entities stand for");
        done_ = true; // its inside has a grammar of its own
    }

    void end_tag() {
        depth_ -= depth_ > 0 ? 1 : 0;
        Location where = here();
        std::string_view inside = skip_past(">");
        usize space = std::min(inside.find_first_of(xml_space), inside.size());
        if (inside.find_first_not_of(xml_space, space) != std::string_view::npos)
            malformed(where, "a tag that ends an element has its name and nothing else");
    }

    void start_tag() {
        Location where = here();
        u32 attributes = 0;
        char quote = 0;
        char previous = 0;
        advance(1);
        if (xml_space.find(text_.substr(at_, 1)) != std::string_view::npos)
            malformed(where, "a space between '<' and the element's name");
        while (at_ < text_.size()) {
            char c = text_[at_];
            if (c == '>' && quote == 0)
                break;
            if (c == '&') {
                character();
                continue;
            }
            if (quote == 0)
                attributes += c == '=' ? 1 : 0;
            else if (c == '<')
                malformed(here(), "'<' inside a value", "write &lt; for the character itself");
            if ((c == '"' || c == '\'') && (quote == 0 || quote == c)) {
                quote = quote == 0 ? c : '\0';
                lint_behind_value(quote);
            }
            previous = c;
            advance(1);
        }
        advance(1);
        if (attributes > max_attributes) {
            findings_.error(where, "xml-attributes",
                            "an element with more than " + std::to_string(max_attributes) +
                                " attributes");
            done_ = true;
        }
        depth_ += previous == '/' ? 0 : 1;
        if (depth_ > max_nesting) {
            findings_.error(where, "xml-nesting",
                            "elements nested more than " + std::to_string(max_nesting) + " deep");
            done_ = true;
        }
    }

    /// Behind the quotation mark that ends a value, none being open then, there is a space or the
    /// tag's end.
    void lint_behind_value(char open) {
        std::string_view next = text_.substr(at_ + 1, 1);
        if (open == 0 && !next.empty() && next.find_first_not_of(" \t\r\n/>") == 0)
            malformed(here(), "no space between a value and what follows it");
    }

    /// A character of text or of an attribute's value; '&' must begin a reference that stands for
    /// one.
    void character() {
        if (text_[at_] != '&') {
            advance(1);
            return;
        }
        usize end = std::min(rest().find(';'), usize{12});
        std::string_view reference = text_.substr(at_ + 1, end - 1);
        if (end == 12 || !is_known(reference))
            findings_.error(here(), "xml-reference", "'&' begins no known character reference",
                            "write &amp; for the character '&' itself");
        advance(1);
    }

    static bool is_known(std::string_view reference) {
        for (std::string_view known : {"amp", "lt", "gt", "quot", "apos"})
            if (reference == known)
                return true;
        if (!reference.starts_with('#'))
            return false;
        bool hex = reference.starts_with("#x");
        std::string_view digits = reference.substr(hex ? 2 : 1);
        u32 code = 0;
        auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
        return error == std::errc{} && end == digits.data() + digits.size() &&
               is_xml_character(code);
    }

    std::string_view text_;
    const std::string& name_;
    Diagnostics& findings_;
    usize at_ = 0;
    int line_ = 1;
    u32 depth_ = 0;
    bool done_ = false;
};

} // namespace

bool lint(std::string_view text, const std::string& name, Diagnostics& findings) {
    usize before = findings.errors();
    if (text.size() > max_file_size) {
        findings.error({name, 0}, "xml-size", "the file is larger than 16 MiB");
        return false;
    }
    if (text.starts_with("\xFE\xFF") || text.starts_with("\xFF\xFE")) {
        findings.error({name, 1}, "xml-encoding", "the file is UTF-16", "save the file as UTF-8");
        return false;
    }
    if (lint_characters(text, name, findings))
        MarkupLint(text, name, findings).run();
    return findings.errors() == before;
}

} // namespace cloison::xml
