// SPDX-License-Identifier: Apache-2.0
#include "firmware/x86/acpi.hpp"

#include <cstring>

namespace cloison::x86 {

namespace {

constexpr u32 header_size = 36; // of every description table (ACPI 6.4, 5.2.6)
constexpr u32 length_offset = 4;
constexpr u8 io_apic_entry = 1; // of the MADT

/// Firmware tables are not aligned.
template <typename T>
T read(const u8* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

bool checksum_ok(const u8* at, usize size) {
    u8 sum = 0;
    for (usize i = 0; i < size; ++i)
        sum = static_cast<u8>(sum + at[i]);
    return sum == 0;
}

bool is_rsdp(const u8* at) {
    return std::memcmp(at, "RSD PTR ", 8) == 0 && checksum_ok(at, 20);
}

const u8* search_rsdp(u64 base, u64 end) {
    for (u64 at = base; at < end; at += 16)
        if (is_rsdp(reinterpret_cast<const u8*>(at)))
            return reinterpret_cast<const u8*>(at);
    return nullptr;
}

} // namespace

AcpiTables::AcpiTables(const u8* rsdp) {
    if (rsdp == nullptr || !is_rsdp(rsdp)) {
        u64 ebda = u64{read<u16>(reinterpret_cast<const u8*>(0x40E))} << 4;
        rsdp = ebda >= 0x80000 && ebda < 0xA0000 ? search_rsdp(ebda, ebda + 1024) : nullptr;
        if (rsdp == nullptr)
            rsdp = search_rsdp(0xE0000, 0x100000);
    }
    if (rsdp == nullptr)
        return;
    bool extended = rsdp[15] >= 2 && read<u64>(rsdp + 24) != 0;
    entry_size_ = extended ? 8 : 4;
    root_ = reinterpret_cast<const u8*>(extended ? read<u64>(rsdp + 24) : read<u32>(rsdp + 16));
}

const u8* AcpiTables::table(const char (&signature)[5]) const {
    if (root_ == nullptr)
        return nullptr;
    u32 length = read<u32>(root_ + length_offset);
    for (u32 at = header_size; at + entry_size_ <= length; at += entry_size_) {
        u64 address = entry_size_ == 8 ? read<u64>(root_ + at) : read<u32>(root_ + at);
        const auto* candidate = reinterpret_cast<const u8*>(address);
        if (std::memcmp(candidate, signature, 4) == 0)
            return candidate;
    }
    return nullptr;
}

/// The first MADT entry of `type` (5.2.12) that satisfies `wanted`, or null.
template <typename F>
const u8* AcpiTables::find_madt_entry(u8 type, F&& wanted) const {
    const u8* madt = table("APIC");
    if (madt == nullptr)
        return nullptr;
    u32 length = read<u32>(madt + length_offset);
    for (u32 at = header_size + 8; at + 2 <= length && madt[at + 1] >= 2; at += madt[at + 1])
        if (madt[at] == type && wanted(madt + at))
            return madt + at;
    return nullptr;
}

bool AcpiTables::has_cpu(u32 apic_id) const {
    constexpr u8 local_apic = 0, local_x2apic = 9;
    constexpr u32 enabled = 1;
    auto is_it = [&](const u8* e) { return e[3] == apic_id && (read<u32>(e + 4) & enabled) != 0; };
    auto is_it_wide = [&](const u8* e) {
        return read<u32>(e + 4) == apic_id && (read<u32>(e + 8) & enabled) != 0;
    };
    return find_madt_entry(local_apic, is_it) != nullptr ||
           find_madt_entry(local_x2apic, is_it_wide) != nullptr;
}

u32 AcpiTables::isa_interrupt(u8 irq) const {
    constexpr u8 source_override = 2;
    const u8* moved =
        find_madt_entry(source_override, [&](const u8* e) { return e[2] == 0 && e[3] == irq; });
    return moved == nullptr ? irq : read<u32>(moved + 4);
}

std::optional<AcpiTables::IoApicPin> AcpiTables::io_apic_pin(u32 gsi) const {
    // The I/O APIC with the highest first interrupt that is not above ours.
    const u8* best = nullptr;
    find_madt_entry(io_apic_entry, [&](const u8* e) {
        u32 first = read<u32>(e + 8);
        if (first <= gsi && (best == nullptr || first > read<u32>(best + 8)))
            best = e;
        return false;
    });
    if (best == nullptr)
        return std::nullopt;
    return IoApicPin{read<u32>(best + 4), gsi - read<u32>(best + 8)};
}

/// The `index`th I/O APIC of the MADT.
std::optional<u64> AcpiTables::io_apic(u32 index) const {
    const u8* e = find_madt_entry(io_apic_entry, [&](const u8*) { return index-- == 0; });
    return e == nullptr ? std::nullopt : std::optional<u64>(read<u32>(e + 4));
}

/// The FADT's register blocks (5.2.9): place of the port, and where its length is or what it is.
Extent AcpiTables::fixed_port(u32 index) const {
    struct Block {
        u8 port;
        u8 length; // offset; 0: one port
    };
    // SMI_CMD, PM1a and PM1b event, PM1a and PM1b control, PM2 control, PM timer, GPE0, GPE1.
    constexpr Block blocks[fixed_port_blocks - 1] = {
        {48, 0}, {56, 88}, {60, 88}, {64, 89}, {68, 89}, {72, 90}, {76, 91}, {80, 92}, {84, 93}};
    const u8* fadt = table("FACP");
    if (fadt == nullptr)
        return {};
    if (index == fixed_port_blocks - 1) { // the reset register, where it is a port (revision 2)
        constexpr u8 system_io = 1;
        bool there = read<u32>(fadt + length_offset) >= 129 && fadt[116] == system_io;
        return there ? Extent{read<u64>(fadt + 120), 1} : Extent{};
    }
    const Block& block = blocks[index];
    u64 port = read<u32>(fadt + block.port);
    return port == 0 ? Extent{} : Extent{port, block.length == 0 ? u64{1} : fadt[block.length]};
}

u16 AcpiTables::pm_timer_port() const {
    const u8* fadt = table("FACP");
    return fadt == nullptr ? u16{0} : read<u16>(fadt + 76); // PM_TMR_BLK
}

} // namespace cloison::x86
