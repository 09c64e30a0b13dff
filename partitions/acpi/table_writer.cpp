// SPDX-License-Identifier: Apache-2.0
#include "partitions/acpi/table_writer.hpp"

#include <algorithm>
#include <string>

namespace cloison::acpi {

namespace {

// The common header (ACPI 6.3, table 5-28).
constexpr usize length_at = 4, checksum_at = 9, oem_id_at = 10, creator_at = 28;
constexpr std::string_view creator = "CLSN";
constexpr u32 creator_revision = 1;
constexpr u8 io_space = 1;

TableWriter& maker_fields(TableWriter& writer, const Maker& maker) {
    return writer.text(maker.oem_id, 6).text(maker.oem_table_id, 8).dword(maker.oem_revision);
}

} // namespace

TableWriter::TableWriter(std::string_view signature, u8 revision, const Maker& maker) {
    text(signature, 4).dword(0).byte(revision).byte(0);
    maker_fields(*this, maker).text(creator, 4).dword(creator_revision);
}

TableWriter& TableWriter::number(u64 value, usize size) {
    for (usize i = 0; i < size; ++i)
        bytes_.push_back(static_cast<u8>(value >> (8 * i)));
    return *this;
}

TableWriter& TableWriter::zeroes(usize count) {
    bytes_.insert(bytes_.end(), count, 0);
    return *this;
}

TableWriter& TableWriter::text(std::string_view value, usize width) {
    std::string padded(value.substr(0, width));
    padded.resize(width, ' ');
    bytes_.insert(bytes_.end(), padded.begin(), padded.end());
    return *this;
}

TableWriter& TableWriter::port(u16 address, u8 bits, u8 access) {
    u8 access_size = access == 4 ? 3 : access; // encoded: 1 byte, 2 word, 3 dword
    return byte(io_space).byte(bits).byte(0).byte(access_size).qword(address);
}

std::vector<u8> TableWriter::finish() const {
    std::vector<u8> table = bytes_;
    for (usize i = 0; i < sizeof(u32); ++i)
        table[length_at + i] = static_cast<u8>(table.size() >> (8 * i));
    set_checksum(table, checksum_at);
    return table;
}

void set_checksum(std::span<u8> bytes, usize position) {
    u8 sum = 0;
    for (u8 b : bytes)
        sum = static_cast<u8>(sum + b);
    bytes[position] = static_cast<u8>(bytes[position] - sum);
}

std::vector<u8> rename_maker(std::span<const u8> table, const Maker& maker) {
    std::vector<u8> renamed(table.begin(), table.end());
    TableWriter fields;
    maker_fields(fields, maker);
    static_assert(oem_id_at + 6 + 8 + 4 == creator_at);
    std::copy(fields.bytes().begin(), fields.bytes().end(), renamed.begin() + oem_id_at);
    set_checksum(renamed, checksum_at);
    return renamed;
}

} // namespace cloison::acpi
