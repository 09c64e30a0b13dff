// SPDX-License-Identifier: Apache-2.0
// Reads ACPI tables as an operating system does: from the root pointer, by address, trusting
// nothing.
#pragma once

#include "firmware/abi/guest_map.hpp"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <span>
#include <string>
#include <vector>

namespace cloison::test {

class AcpiReader {
  public:
    explicit AcpiReader(std::vector<u8> area) : area_(std::move(area)) {}

    /// `size` bytes at a guest address; throws where they are not in the area.
    [[nodiscard]] std::span<const u8> at(u64 address, usize size) const {
        Extent area{guest_map::acpi.base, area_.size()};
        if (!area.contains(Extent{address, size}))
            throw std::out_of_range("ACPI pointer leaves the area");
        return std::span(area_).subspan(address - area.base, size);
    }

    [[nodiscard]] static u64 number(std::span<const u8> table, usize offset, usize size) {
        u64 value = 0;
        for (usize i = 0; i < size; ++i)
            value |= u64{table[offset + i]} << (8 * i);
        return value;
    }

    [[nodiscard]] static std::string text(std::span<const u8> table, usize offset, usize size) {
        return {table.begin() + static_cast<std::ptrdiff_t>(offset),
                table.begin() + static_cast<std::ptrdiff_t>(offset + size)};
    }

    [[nodiscard]] static u8 sum(std::span<const u8> bytes) {
        return static_cast<u8>(std::accumulate(bytes.begin(), bytes.end(), 0));
    }

    /// The table at an address, as long as its header says.
    [[nodiscard]] std::span<const u8> table(u64 address) const {
        return at(address, number(at(address, 8), 4, 4));
    }

    [[nodiscard]] std::span<const u8> rsdp() const { return at(guest_map::acpi.base, 36); }

    /// All tables with the common header, by signature.
    [[nodiscard]] std::map<std::string, std::span<const u8>> tables() const {
        std::map<std::string, std::span<const u8>> found;
        auto xsdt = table(number(rsdp(), 24, 8));
        found["XSDT"] = xsdt;
        for (usize offset = 36; offset < xsdt.size(); offset += 8) {
            auto entry = table(number(xsdt, offset, 8));
            found[text(entry, 0, 4)] = entry;
        }
        if (found.count("FACP") != 0)
            found["DSDT"] = table(number(found["FACP"], 140, 8));
        return found;
    }

  private:
    std::vector<u8> area_;
};

} // namespace cloison::test
