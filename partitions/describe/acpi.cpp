// SPDX-License-Identifier: Apache-2.0
#include "partitions/describe/acpi.hpp"

#include "partitions/describe/error.hpp"
#include "partitions/describe/extents.hpp"

#include <cstring>
#include <numeric>

namespace cloison::describe {

namespace {

constexpr usize header_size = 36; // 5.2.6
constexpr u32 enabled = 1;        // bit of the flags of all structures read here
constexpr usize most_ranges = 4096;

/// Bytes that are read only where they are.
class Bytes {
  public:
    Bytes(std::string_view bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}

    [[nodiscard]] usize size() const { return bytes_.size(); }
    template <typename T>
    [[nodiscard]] T at(usize offset) const {
        if (offset > size() || size() - offset < sizeof(T))
            damaged("ends too early");
        T value;
        std::memcpy(&value, bytes_.data() + offset, sizeof value);
        return value;
    }
    [[nodiscard]] Bytes part(usize offset, usize length) const {
        if (offset > size() || size() - offset < length)
            damaged("ends too early");
        return {bytes_.substr(offset, length), name_};
    }
    [[noreturn]] void damaged(const std::string& how) const {
        throw DescribeError(name_ + ": the ACPI table is damaged: it " + how);
    }

  private:
    std::string_view bytes_;
    std::string name_;
};

/// Calls use(Bytes) with the table, header and all, after its length and checksum were verified.
template <typename Use>
TableState with_table(const Tree& tree, const std::string& signature, Use use) {
    std::string path = "/sys/firmware/acpi/tables/" + signature;
    auto text = tree.read(path);
    if (!text)
        return tree.has(path) ? TableState::closed : TableState::absent;
    Bytes file(*text, tree.name(path));
    if (file.size() < header_size || !text->starts_with(signature))
        file.damaged("does not begin with the header of a table " + signature);
    u32 length = file.at<u32>(4);
    if (length < header_size || length > file.size())
        file.damaged("says that it has " + std::to_string(length) + " bytes, the file has " +
                     std::to_string(file.size()));
    if (std::accumulate(text->begin(), text->begin() + length, u8{0}, [](u8 sum, char byte) {
            return static_cast<u8>(sum + static_cast<u8>(byte));
        }) != 0)
        file.damaged("has a wrong checksum");
    use(file.part(0, length));
    return TableState::read;
}

/// Calls use(type, Bytes) for each structure from `offset` on: a byte of type, one of length, what
/// belongs to the type.
template <typename Use>
void for_each_structure(const Bytes& table, usize offset, Use use) {
    while (offset < table.size()) {
        u8 length = table.at<u8>(offset + 1);
        if (length < 2)
            table.damaged("holds a structure of " + std::to_string(length) + " bytes");
        use(table.at<u8>(offset), table.part(offset, length));
        offset += length;
    }
}

void read_madt(const Bytes& table, Madt& madt) {
    for_each_structure(table, 44, [&](u8 type, const Bytes& s) {
        constexpr u8 local_apic = 0, io_apic = 1, x2apic = 9; // 5.2.12.2, .3, .12
        if (type == local_apic && (s.at<u32>(4) & enabled) != 0)
            madt.apic_ids.push_back(s.at<u8>(3));
        else if (type == x2apic && (s.at<u32>(8) & enabled) != 0)
            madt.apic_ids.push_back(s.at<u32>(4));
        else if (type == io_apic)
            madt.gsi_bases.push_back(s.at<u32>(8));
    });
}

void read_srat(const Bytes& table, Srat& srat) {
    constexpr u8 low_byte_only = 1; // of the domain, in tables of this revision
    bool narrow = table.at<u8>(8) <= low_byte_only;
    for_each_structure(table, 48, [&](u8 type, const Bytes& s) {
        constexpr u8 local_apic = 0, memory = 1, x2apic = 2; // 5.2.16.1 to .3
        if (type == local_apic && (s.at<u32>(4) & enabled) != 0) {
            u32 high = s.at<u32>(8) & 0xFFFF'FF00;
            srat.domains[s.at<u8>(3)] = s.at<u8>(2) | (narrow ? 0 : high);
        } else if (type == x2apic && (s.at<u32>(12) & enabled) != 0) {
            srat.domains[s.at<u32>(8)] = s.at<u32>(4);
        } else if (type == memory && (s.at<u32>(28) & enabled) != 0) {
            DomainMemory range{{s.at<u64>(8), s.at<u64>(16)}, s.at<u32>(2)};
            if (range.extent.base > address_space ||
                range.extent.size > address_space - range.extent.base)
                s.damaged("holds a range of memory beyond 4096 TiB");
            if (srat.memory.size() == most_ranges)
                s.damaged("holds more than " + std::to_string(most_ranges) + " ranges of memory");
            srat.memory.push_back({range.extent, narrow ? range.domain & 0xFF : range.domain});
        }
    });
}

void read_slit(const Bytes& table, Slit& slit) {
    constexpr u64 most = 1024; // nodes that Linux can be built for
    u64 count = table.at<u64>(header_size);
    if (count > most)
        table.damaged("lists " + std::to_string(count) + " proximity domains");
    slit.domains = static_cast<u32>(count);
    for (usize i = 0; i < count * count; ++i)
        slit.distances.push_back(table.at<u8>(header_size + 8 + i));
}

} // namespace

Acpi read_acpi(const Tree& tree) {
    Acpi acpi;
    acpi.madt.state =
        with_table(tree, "APIC", [&](const Bytes& table) { read_madt(table, acpi.madt); });
    acpi.srat.state =
        with_table(tree, "SRAT", [&](const Bytes& table) { read_srat(table, acpi.srat); });
    with_table(tree, "SLIT", [&](const Bytes& table) { read_slit(table, acpi.slit); });
    acpi.dmar.state = with_table(tree, "DMAR", [&](const Bytes& table) {
        acpi.dmar.interrupt_remapping = (table.at<u8>(header_size + 1) & 1) != 0;
    });
    return acpi;
}

} // namespace cloison::describe
