// SPDX-License-Identifier: Apache-2.0
// What the boot loader tells: the multiboot2 information structure (specification 2.0, 3.6).
#pragma once

#include "firmware/abi/types.hpp"

#include <array>
#include <optional>
#include <span>
#include <string_view>

namespace cloison::x86 {

inline constexpr u32 multiboot2_magic = 0x36D76289;

struct MemoryRange {
    u64 base;
    u64 length;
    u32 type; // 1: usable RAM; the numbers of E820
    u32 reserved;
};

/// Reads a boot information structure in place; loaders are trusted, yet lengths are checked.
class BootInformation {
  public:
    explicit BootInformation(u64 address) : address_(address) {}

    /// The module whose command line is exactly `name`.
    [[nodiscard]] std::optional<std::span<const u8>> module(std::string_view name) const;
    /// The module named `prefix` followed by `number` in decimal.
    [[nodiscard]] std::optional<std::span<const u8>> module(std::string_view prefix,
                                                            u32 number) const;
    [[nodiscard]] std::span<const MemoryRange> memory_map() const;

    /// Moves every module that does not lie inside `area` to a free place in it, since loaders put
    /// modules where they like. False when there is no room. Contents found earlier are then stale.
    bool gather_modules(const Extent& area);
    /// The root pointer a UEFI loader hands over, or null.
    [[nodiscard]] const u8* rsdp() const;

  private:
    struct Tag {
        u32 type;
        u32 size;
    };
    template <typename F>
    const Tag* find(u32 type, F&& wanted) const;

    /// Lowest page of `area` with `size` bytes that no module has.
    [[nodiscard]] std::optional<u64> free_place(const Extent& area, u64 size) const;

    u64 address_;
};

} // namespace cloison::x86
