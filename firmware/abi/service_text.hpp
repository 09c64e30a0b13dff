// SPDX-License-Identifier: Apache-2.0
// Fields of a service text (service.hpp), read and written in one order. No memory is allocated.
#pragma once

#include "firmware/abi/types.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>

namespace cloison::abi {

/// Longest text of a service: a path of 4095 bytes and the rest of it.
inline constexpr usize max_service_text = 5120;

/// The address of a network device.
using MacText = std::array<u8, 6>;

/// Whether a value has this byte as it is.
constexpr bool is_plain(char c) {
    return c > ' ' && c <= '~' && c != '%';
}

namespace detail {

constexpr std::string_view upper_digits = "0123456789ABCDEF";
constexpr std::string_view lower_digits = "0123456789abcdef";

/// A byte of two digits.
constexpr std::optional<u8> hex_byte(std::string_view text, std::string_view digits) {
    if (text.size() < 2)
        return std::nullopt;
    usize high = digits.find(text[0]), low = digits.find(text[1]);
    if (high == std::string_view::npos || low == std::string_view::npos)
        return std::nullopt;
    return static_cast<u8>(high << 4 | low);
}

} // namespace detail

class ServiceWriter {
  public:
    constexpr explicit ServiceWriter(std::span<char> room) : room_(room) {}

    // Each gives false when there is no room.
    constexpr bool word(std::string_view kind) { return put(kind); }
    constexpr bool text(std::string_view key, std::string_view value) {
        bool fits = begin(key);
        for (char c : value)
            fits = fits && (is_plain(c) ? put(c) : put('%') && hex(c, detail::upper_digits));
        return fits;
    }
    constexpr bool optional_text(std::string_view key, std::string_view value) {
        return value.empty() || text(key, value);
    }
    constexpr bool number(std::string_view key, u64 value) {
        std::array<char, 20> digits{};
        usize count = 0;
        do
            digits[digits.size() - ++count] = static_cast<char>('0' + value % 10);
        while ((value /= 10) != 0);
        return begin(key) && put({digits.data() + digits.size() - count, count});
    }
    constexpr bool optional_number(std::string_view key, u64 value) {
        return value == 0 || number(key, value);
    }
    constexpr bool flag(std::string_view key, bool value) {
        return begin(key) && put(value ? "yes" : "no");
    }
    constexpr bool mac(std::string_view key, const MacText& value) {
        bool fits = begin(key);
        for (usize i = 0; i < value.size(); ++i)
            fits = fits && (i == 0 || put(':')) &&
                   hex(static_cast<char>(value[i]), detail::lower_digits);
        return fits;
    }

    [[nodiscard]] constexpr std::string_view written() const { return {room_.data(), used_}; }

  private:
    constexpr bool begin(std::string_view key) { return put(' ') && put(key) && put('='); }
    constexpr bool hex(char c, std::string_view digits) {
        auto byte = static_cast<u8>(c);
        return put(digits[byte >> 4]) && put(digits[byte & 15]);
    }
    constexpr bool put(char c) {
        if (used_ == room_.size())
            return false;
        room_[used_++] = c;
        return true;
    }
    constexpr bool put(std::string_view text) {
        for (char c : text)
            if (!put(c))
                return false;
        return true;
    }

    std::span<char> room_;
    usize used_ = 0;
};

class ServiceReader {
  public:
    /// `room` is for the decoded values.
    constexpr ServiceReader(std::string_view text, std::span<char> room)
        : rest_(text.substr(0, text.size() <= room.size() ? text.size() : 0)),
          room_(room) {}

    // Each gives false when that is not what comes next.
    constexpr bool word(std::string_view kind) { return skip(kind); }
    constexpr bool text(std::string_view key, std::string_view& value) {
        std::string_view raw;
        if (!take(key, raw))
            return false;
        usize first = used_;
        for (usize i = 0; i < raw.size(); ++i) {
            char c = raw[i];
            if (c == '%') {
                auto byte = detail::hex_byte(raw.substr(i + 1), detail::upper_digits);
                if (!byte || is_plain(static_cast<char>(*byte)))
                    return false;
                c = static_cast<char>(*byte);
                i += 2;
            } else if (!is_plain(c)) {
                return false;
            }
            room_[used_++] = c;
        }
        value = {room_.data() + first, used_ - first};
        return true;
    }
    constexpr bool optional_text(std::string_view key, std::string_view& value) {
        return !next_is(key) || (text(key, value) && !value.empty());
    }
    constexpr bool number(std::string_view key, u64& value) {
        std::string_view raw;
        if (!take(key, raw) || raw.empty() || (raw.size() > 1 && raw[0] == '0'))
            return false;
        value = 0;
        for (char c : raw) {
            if (c < '0' || c > '9')
                return false;
            u64 digit = static_cast<u64>(c - '0');
            if (value > (~u64{0} - digit) / 10)
                return false;
            value = value * 10 + digit;
        }
        return true;
    }
    constexpr bool optional_number(std::string_view key, u64& value) {
        return !next_is(key) || (number(key, value) && value != 0);
    }
    constexpr bool flag(std::string_view key, bool& value) {
        std::string_view raw;
        if (!take(key, raw) || (raw != "yes" && raw != "no"))
            return false;
        value = raw == "yes";
        return true;
    }
    constexpr bool mac(std::string_view key, MacText& value) {
        std::string_view raw;
        if (!take(key, raw) || raw.size() != 3 * value.size() - 1)
            return false;
        for (usize i = 0; i < value.size(); ++i) {
            auto byte = detail::hex_byte(raw.substr(3 * i), detail::lower_digits);
            if (!byte || (i > 0 && raw[3 * i - 1] != ':'))
                return false;
            value[i] = *byte;
        }
        return true;
    }

    [[nodiscard]] constexpr bool at_end() const { return rest_.empty(); }

  private:
    constexpr bool skip(std::string_view text) {
        if (!rest_.starts_with(text))
            return false;
        rest_.remove_prefix(text.size());
        return true;
    }
    [[nodiscard]] constexpr bool next_is(std::string_view key) const {
        return rest_.starts_with(' ') && rest_.substr(1).starts_with(key) &&
               rest_.substr(1 + key.size()).starts_with('=');
    }
    constexpr bool take(std::string_view key, std::string_view& raw) {
        if (!next_is(key))
            return false;
        rest_.remove_prefix(key.size() + 2);
        raw = rest_.substr(0, rest_.find(' '));
        rest_.remove_prefix(raw.size());
        return true;
    }

    std::string_view rest_;
    std::span<char> room_;
    usize used_ = 0;
};

} // namespace cloison::abi
