// SPDX-License-Identifier: Apache-2.0
// ACPI tables field by field: little-endian numbers, the common header, the checksum
// (ACPI 6.3, 5.2).
#pragma once

#include "firmware/abi/types.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace cloison::acpi {

/// What every table's header says of its maker.
struct Maker {
    std::string_view oem_id;       // 6 bytes in the table
    std::string_view oem_table_id; // 8 bytes
    u32 oem_revision = 0;
};

/// Appends fields in the order that the specification lists them.
class TableWriter {
  public:
    /// A table without the common header.
    TableWriter() = default;
    /// A table with the common header; length and checksum follow in finish() (5.2.6).
    TableWriter(std::string_view signature, u8 revision, const Maker& maker);

    TableWriter& byte(u64 value) { return number(value, 1); }
    TableWriter& word(u64 value) { return number(value, 2); }
    TableWriter& dword(u64 value) { return number(value, 4); }
    TableWriter& qword(u64 value) { return number(value, 8); }
    TableWriter& zeroes(usize count);
    /// Exactly `width` characters: cut off, or filled up with spaces.
    TableWriter& text(std::string_view value, usize width);
    /// Generic address structure of an I/O register of `bits` bits, accessed `access` bytes at a
    /// time (5.2.3.2).
    TableWriter& port(u16 address, u8 bits, u8 access);
    /// Generic address structure of a register that there is not.
    TableWriter& no_register() { return zeroes(12); }

    /// The bytes of a table without the common header.
    [[nodiscard]] const std::vector<u8>& bytes() const { return bytes_; }
    /// The bytes of a table with the common header, length and checksum filled in.
    [[nodiscard]] std::vector<u8> finish() const;

  private:
    TableWriter& number(u64 value, usize size);

    std::vector<u8> bytes_;
};

/// Sets the byte at `position` so that all of `bytes` add up to 0.
void set_checksum(std::span<u8> bytes, usize position);

/// A finished table made by another maker (the ASL compiler), with this maker's name instead.
std::vector<u8> rename_maker(std::span<const u8> table, const Maker& maker);

} // namespace cloison::acpi
