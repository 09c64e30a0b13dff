// SPDX-License-Identifier: Apache-2.0
// Text put together without an allocator: the firmware's log lines, and what bare test guests say.
#pragma once

#include "firmware/abi/types.hpp"

#include <span>
#include <string_view>

namespace cloison::x86 {

/// A number to be printed in hexadecimal.
struct Hex {
    u64 value;
};

/// Text in a buffer of the one who derives from it, and sends it; what does not fit is cut off.
class TextLine {
  public:
    explicit TextLine(std::span<char> buffer) : buffer_(buffer) {}
    TextLine(const TextLine&) = delete;
    TextLine& operator=(const TextLine&) = delete;

    TextLine& operator<<(std::string_view text);
    TextLine& operator<<(const char* text) { return *this << std::string_view(text); }
    TextLine& operator<<(u64 number) { return digits(number, 10); }
    TextLine& operator<<(u32 number) { return *this << u64{number}; }
    TextLine& operator<<(Hex number) { return (*this << "0x").digits(number.value, 16); }

  protected:
    ~TextLine() = default;
    [[nodiscard]] std::string_view text() const { return {buffer_.data(), size_}; }

  private:
    TextLine& digits(u64 number, u64 base);

    std::span<char> buffer_;
    usize size_ = 0;
};

} // namespace cloison::x86
