// SPDX-License-Identifier: Apache-2.0
// What a server is told of one thing it serves: a noun, then key=value words with one space between
// them. Bytes of a value that would be taken for something else are written %XX.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace cloison {

class ServiceText {
  public:
    explicit ServiceText(std::string_view noun) : text_(noun) {}

    ServiceText& add(std::string_view key, std::string_view value) {
        text_.append(" ").append(key).append("=");
        for (char c : value)
            append(c);
        return *this;
    }
    std::string take() { return std::move(text_); }

  private:
    void append(char c) {
        constexpr std::string_view digits = "0123456789ABCDEF";
        bool plain = c >= '!' && c <= '~' && c != '%';
        if (plain) {
            text_ += c;
            return;
        }
        auto byte = static_cast<unsigned char>(c);
        text_.append({'%', digits[byte >> 4], digits[byte & 15]});
    }

    std::string text_;
};

} // namespace cloison
