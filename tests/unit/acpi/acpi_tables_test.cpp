// SPDX-License-Identifier: Apache-2.0
#include "firmware/abi/manifest.hpp"
#include "partitions/acpi/acpi_tables.hpp"
#include "tests/unit/acpi/acpi_reader.hpp"

#include <set>

namespace cloison {
namespace {

using test::AcpiReader;

AcpiParameters guest_of(u32 cpus) {
    AcpiParameters parameters;
    parameters.cpus = cpus;
    return parameters;
}

/// An I/O register's generic address structure.
struct Gas {
    u64 space, bits, access, address;
    bool operator==(const Gas&) const = default;
};

Gas gas(std::span<const u8> table, usize offset) {
    auto n = [&](usize at, usize size) { return AcpiReader::number(table, offset + at, size); };
    return {n(0, 1), n(1, 1), n(3, 1), n(4, 8)};
}

TEST(AcpiTables, EverythingIsReachedAndSumsToZero) {
    AcpiReader acpi(acpi_tables(guest_of(2)));
    EXPECT_EQ(AcpiReader::text(acpi.rsdp(), 0, 8), "RSD PTR ");
    EXPECT_EQ(AcpiReader::sum(acpi.rsdp().first(20)), 0);
    EXPECT_EQ(AcpiReader::sum(acpi.rsdp()), 0);
    EXPECT_EQ(acpi.rsdp()[15], 2);
    std::set<std::string> names;
    for (const auto& [name, table] : acpi.tables()) {
        EXPECT_EQ(AcpiReader::sum(table), 0) << name;
        EXPECT_EQ(AcpiReader::text(table, 0, 4), name);
        names.insert(name);
    }
    EXPECT_EQ(names, (std::set<std::string>{"XSDT", "FACP", "APIC", "MCFG", "DSDT"}));
}

TEST(AcpiTables, MakerIsNamedInEveryTable) {
    AcpiReader acpi(acpi_tables({1, true, {{3, 20}}, "ABC", "ELEVENCHARS", 77}));
    EXPECT_EQ(AcpiReader::text(acpi.rsdp(), 9, 6), "ABC   ");
    for (const auto& [name, table] : acpi.tables()) {
        EXPECT_EQ(AcpiReader::text(table, 10, 6), "ABC   ") << name;
        EXPECT_EQ(AcpiReader::text(table, 16, 8), "ELEVENCH") << name;
        EXPECT_EQ(AcpiReader::number(table, 24, 4), 77u) << name;
        EXPECT_EQ(AcpiReader::sum(table), 0) << name;
    }
}

TEST(AcpiTables, FadtDescribesTheGuestsRegisters) {
    AcpiReader acpi(acpi_tables(guest_of(1)));
    auto fadt = acpi.tables().at("FACP");
    auto n = [&](usize offset, usize size) { return AcpiReader::number(fadt, offset, size); };
    ASSERT_EQ(fadt.size(), 276u);
    EXPECT_EQ(fadt[8], 6); // revision
    EXPECT_EQ(n(46, 2), guest_map::gsi_sci);
    EXPECT_EQ(n(48, 4), 0u); // SMI_CMD
    EXPECT_EQ(n(56, 4), guest_map::pm1_event);
    EXPECT_EQ(n(64, 4), guest_map::pm1_control);
    EXPECT_EQ(n(76, 4), guest_map::pm_timer);
    EXPECT_EQ(n(88, 4), 0x04000204u); // lengths: event 4, control 2, PM2 0, timer 4
    EXPECT_EQ(n(108, 1), 0x32u);      // century
    EXPECT_EQ(n(109, 2), 0x15u);      // legacy devices, no VGA, no ASPM; no 8042
    EXPECT_EQ(gas(fadt, 116), (Gas{1, 8, 1, guest_map::reset_control}));
    EXPECT_EQ(n(128, 1), guest_map::reset_value);
    EXPECT_EQ(gas(fadt, 148), (Gas{1, 32, 2, guest_map::pm1_event}));
    EXPECT_EQ(gas(fadt, 172), (Gas{1, 16, 2, guest_map::pm1_control}));
    EXPECT_EQ(gas(fadt, 208), (Gas{1, 32, 3, guest_map::pm_timer}));
    EXPECT_EQ(n(40, 4), n(140, 8)) << "DSDT, both forms";
    EXPECT_EQ(n(36, 4), n(132, 8)) << "FACS, both forms";
}

TEST(AcpiTables, FadtFlags) {
    AcpiReader acpi(acpi_tables(guest_of(1)));
    u64 flags = AcpiReader::number(acpi.tables().at("FACP"), 112, 4);
    auto set = [&](u32 bit) { return (flags >> bit & 1) != 0; };
    EXPECT_TRUE(set(0)) << "WBINVD";
    EXPECT_TRUE(set(2)) << "C1";
    EXPECT_FALSE(set(8)) << "TMR_VAL_EXT: the timer has 24 bits";
    EXPECT_TRUE(set(10)) << "RESET_REG_SUP";
    EXPECT_FALSE(set(20)) << "HW_REDUCED_ACPI";
}

TEST(AcpiTables, FacsIsAligned) {
    AcpiReader acpi(acpi_tables(guest_of(1)));
    u64 address = AcpiReader::number(acpi.tables().at("FACP"), 132, 8);
    auto facs = acpi.table(address);
    EXPECT_EQ(address % 64, 0u);
    EXPECT_EQ(AcpiReader::text(facs, 0, 4), "FACS");
    EXPECT_EQ(facs.size(), 64u);
    EXPECT_EQ(facs[32], 2); // version
}

/// Entries of a MADT by type, each without its type and length.
std::multimap<u32, std::span<const u8>> madt_entries(std::span<const u8> madt) {
    std::multimap<u32, std::span<const u8>> entries;
    for (usize at = 44; at < madt.size(); at += madt[at + 1])
        entries.emplace(madt[at], madt.subspan(at + 2, madt[at + 1] - usize{2}));
    return entries;
}

TEST(AcpiTables, MadtListsInterruptHardware) {
    AcpiReader acpi(acpi_tables(guest_of(3)));
    auto madt = acpi.tables().at("APIC");
    EXPECT_EQ(AcpiReader::number(madt, 36, 4), guest_map::local_apic);
    EXPECT_EQ(AcpiReader::number(madt, 40, 4), 1u);
    auto entries = madt_entries(madt);
    ASSERT_EQ(entries.count(1), 1u);
    auto io_apic = entries.find(1)->second;
    EXPECT_EQ(AcpiReader::number(io_apic, 2, 4), guest_map::ioapic);
    EXPECT_EQ(AcpiReader::number(io_apic, 6, 4), 0u);
    std::map<u64, std::pair<u64, u64>> overrides; // IRQ -> GSI, flags
    for (auto [i, end] = entries.equal_range(2); i != end; ++i)
        overrides[i->second[1]] = {AcpiReader::number(i->second, 2, 4),
                                   AcpiReader::number(i->second, 6, 2)};
    EXPECT_EQ(overrides, (std::map<u64, std::pair<u64, u64>>{{0, {guest_map::gsi_pit, 0}},
                                                             {9, {guest_map::gsi_sci, 0x0D}}}));
    ASSERT_EQ(entries.count(4), 1u);
    EXPECT_EQ(AcpiReader::number(entries.find(4)->second, 0, 4), 0x010000FFu); // all, bus, LINT1
    EXPECT_EQ(entries.count(10), 0u);
}

/// APIC IDs that an operating system finds, which must be enabled and have the UID of their ID.
std::vector<u64> apic_ids(std::span<const u8> madt) {
    std::vector<u64> ids;
    for (const auto& [type, entry] : madt_entries(madt)) {
        if (type == 0) {
            EXPECT_EQ(entry[0], entry[1]);
            EXPECT_EQ(AcpiReader::number(entry, 2, 4), 1u);
            EXPECT_LT(entry[1], 255) << "the broadcast ID";
            ids.push_back(entry[1]);
        } else if (type == 9) {
            EXPECT_EQ(AcpiReader::number(entry, 2, 4), AcpiReader::number(entry, 10, 4));
            EXPECT_EQ(AcpiReader::number(entry, 6, 4), 1u);
            ids.push_back(AcpiReader::number(entry, 2, 4));
        }
    }
    return ids;
}

TEST(AcpiTables, EveryCpuIsListedOnce) {
    for (u32 cpus : {1u, 2u, 255u, 256u, 257u, abi::max_cpus}) {
        AcpiReader acpi(acpi_tables(guest_of(cpus)));
        auto madt = acpi.tables().at("APIC");
        std::vector<u64> expected(cpus);
        std::iota(expected.begin(), expected.end(), u64{0});
        EXPECT_EQ(apic_ids(madt), expected) << cpus;
        EXPECT_EQ(madt_entries(madt).count(10), cpus > 255 ? 1u : 0u) << "x2APIC NMI";
    }
}

TEST(AcpiTables, McfgNamesBusZeroOnly) {
    AcpiReader acpi(acpi_tables(guest_of(1)));
    auto mcfg = acpi.tables().at("MCFG");
    ASSERT_EQ(mcfg.size(), 60u);
    EXPECT_EQ(AcpiReader::number(mcfg, 44, 8), guest_map::ecam.base);
    EXPECT_EQ(AcpiReader::number(mcfg, 52, 4), 0u); // segment, first bus, last bus
}

TEST(AcpiTables, FitTheirPlaceWithAllCpus) {
    AcpiParameters most = guest_of(abi::max_cpus);
    most.server = true;
    EXPECT_LE(acpi_tables(most).size(), guest_map::acpi.size);
}

} // namespace
} // namespace cloison
