// SPDX-License-Identifier: Apache-2.0
// A value, or the reason why there is none: errors are values, since the firmware has no
// exceptions.
#pragma once

#include <optional>

namespace cloison {

/// `E` is an enumeration whose zero means no error.
template <typename T, typename E>
class [[nodiscard]] Result {
  public:
    constexpr Result(const T& value) : value_(value) {}
    constexpr Result(E error) : error_(error) {}

    [[nodiscard]] constexpr explicit operator bool() const { return value_.has_value(); }
    /// The reason; E{} when there is a value.
    [[nodiscard]] constexpr E error() const { return error_; }
    /// Only when there is a value.
    [[nodiscard]] constexpr const T& operator*() const { return *value_; }
    [[nodiscard]] constexpr const T* operator->() const { return &*value_; }

  private:
    std::optional<T> value_;
    E error_{};
};

} // namespace cloison
