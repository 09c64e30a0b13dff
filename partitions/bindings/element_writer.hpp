// SPDX-License-Identifier: Apache-2.0
// TinyXML-2's printer, indented like the layouts that people write.
#pragma once

#include "firmware/abi/types.hpp"

#include <string>
#include <string_view>
#include <tinyxml2.h>

namespace cloison::bindings {

class ElementWriter : private tinyxml2::XMLPrinter {
  public:
    ElementWriter() { PushDeclaration("xml version=\"1.0\" encoding=\"UTF-8\""); }

    void open(const char* name) {
        OpenElement(name);
        column_ = 2 * depth_++ + std::string_view(name).size() + 1;
    }
    void close() {
        CloseElement();
        --depth_;
    }
    /// The next attribute of the element that was opened last stands below its first.
    ElementWriter& below() {
        std::string indent(column_, ' ');
        Write("\n", 1);
        Write(indent.data(), indent.size());
        return *this;
    }
    void comment(const char* text) { PushComment(text); }
    ElementWriter& attribute(const char* name, const std::string& value) {
        PushAttribute(name, value.c_str());
        return *this;
    }
    ElementWriter& attribute(const char* name, u64 value) {
        return attribute(name, std::to_string(value));
    }
    /// Nothing where there is nothing to say.
    ElementWriter& optional(const char* name, const std::string& value) {
        return value.empty() ? *this : attribute(name, value);
    }
    /// `name="yes"`, or nothing.
    ElementWriter& flag(const char* name, bool value) {
        return value ? attribute(name, "yes") : *this;
    }
    [[nodiscard]] std::string text() const { return CStr(); }

  private:
    usize depth_ = 0, column_ = 0;

    void PrintSpace(int depth) override { // NOLINT(readability-identifier-naming): TinyXML-2's
        for (int i = 0; i < depth; ++i)
            Write("  ", 2);
    }
};

} // namespace cloison::bindings
