// SPDX-License-Identifier: Apache-2.0
// Text put together without an allocator: the firmware's log lines, and what bare test guests say.
#pragma once

#include "firmware/abi/types.hpp"

#include <string_view>

namespace cloison::x86 {

/// A number to be printed in hexadecimal.
struct Hex {
    u64 value;
};

/// Up to `Capacity` characters; what does not fit is cut off. Who derives from it sends the text.
template <usize Capacity>
class TextLine {
  public:
    TextLine() = default;
    TextLine(const TextLine&) = delete;
    TextLine& operator=(const TextLine&) = delete;

    TextLine& operator<<(std::string_view text) {
        for (char c : text)
            if (size_ < Capacity)
                text_[size_++] = c;
        return *this;
    }
    TextLine& operator<<(const char* text) { return *this << std::string_view(text); }
    TextLine& operator<<(u64 number) { return digits(number, 10); }
    TextLine& operator<<(u32 number) { return *this << u64{number}; }
    TextLine& operator<<(Hex number) { return (*this << "0x").digits(number.value, 16); }

  protected:
    ~TextLine() = default;
    [[nodiscard]] std::string_view text() const { return {text_, size_}; }

  private:
    TextLine& digits(u64 number, u64 base) {
        char buffer[20]; // of 2^64 - 1 in decimal
        usize n = 0;
        do {
            buffer[sizeof buffer - ++n] = "0123456789abcdef"[number % base];
            number /= base;
        } while (number != 0);
        return *this << std::string_view(buffer + sizeof buffer - n, n);
    }

    usize size_ = 0;
    char text_[Capacity];
};

} // namespace cloison::x86
