// SPDX-License-Identifier: Apache-2.0
// Guest-physical addresses that are no memory of the partition's: they read as all-ones and swallow
// writes, and so does everything around what the virtual PC has.
#include "tests/attack/attacker/scenarios.hpp"

#include "firmware/abi/guest_map.hpp"
#include "tests/guest/check.hpp"
#include "tests/guest/guest.hpp"
#include "tests/guest/image.hpp"
#include "tests/guest/paging.hpp"
#include "tests/guest/probe.hpp"

namespace cloison::attack {

using namespace guest;

namespace {

template <typename T>
constexpr T ones = static_cast<T>(~T{0});

/// Reads, writes and reads again, by one MOV each.
template <typename T>
void check_hole_as(Check& check, u64 address) {
    volatile u8* at = window(address);
    auto before = try_load<T>(at);
    check.expect(!before.fault.happened && before.value == ones<T>, "read", address, before.value);
    Fault fault = try_store<T>(at, static_cast<T>(0x5A5A5A5A5A5A5A5A));
    auto after = try_load<T>(at);
    check.expect(!fault.happened && !after.fault.happened && after.value == ones<T>,
                 "read-after-write", address, after.value);
}

void check_hole(Check& check, u64 address) {
    check_hole_as<u8>(check, address);
    check_hole_as<u16>(check, address);
    check_hole_as<u32>(check, address);
    check_hole_as<u64>(check, address);
}

/// Both ends of a hole, an odd address in it, and its pages' beginnings if they are not too many.
void check_extent(const char* name, u64 base, u64 end) {
    Check check(name);
    check_hole(check, base);
    check_hole(check, base + 3);
    check_hole(check, end - 8);
    u64 step = (end - base) / 64 < page_size ? page_size : round_up((end - base) / 64, page_size);
    for (u64 address = base; address < end; address += step)
        check_hole(check, address);
}

void check_boundaries() {
    u64 ram = ram_end();
    check_extent("memory-vga-window", guest_map::vga_hole, guest_map::vga_hole_end);
    check_extent("memory-past-ram", ram, ram + 8 * mib);
    check_extent("memory-pci-window", guest_map::pci_window.base, guest_map::pci_window.end());
    check_extent("memory-ecam", guest_map::ecam.base, guest_map::ecam.end());
    check_extent("memory-past-ecam", guest_map::ecam.end(), guest_map::ecam.end() + 256 * mib);
    check_extent("memory-past-ioapic", guest_map::ioapic + page_size, guest_map::local_apic);
    check_extent("memory-past-local-apic", guest_map::local_apic + page_size, 4 * gib);
    check_extent("memory-past-4-gib", 4 * gib, 5 * gib);
    check_extent("memory-past-64-gib", 64 * gib, 65 * gib);
    u64 top = u64{1} << physical_bits();
    check_extent("memory-highest", top - 1 * gib, top);
}

/// Every 2 MiB of the address space that a 32-bit machine would have, then every power of two.
void check_sweep() {
    Check check("memory-sweep");
    u64 top = u64{1} << physical_bits();
    for (u64 base = ram_end(); base < 4 * gib; base += large_page_size) {
        bool device = base == guest_map::ioapic || base == guest_map::local_apic;
        check_hole_as<u64>(check, device ? base + page_size : base);
    }
    for (u64 base = 4 * gib; base < top; base <<= 1)
        check_hole_as<u64>(check, base);
}

/// RAM that no one has written since the partition was made is zero: nothing of a former owner is
/// left.
void check_scrubbed() {
    Check check("memory-scrubbed");
    auto zero = [&](u64 from, u64 to) {
        for (u64 address = from; address < to; address += sizeof(u64))
            if (u64 value = *reinterpret_cast<const volatile u64*>(address); value != 0)
                check.expect(false, "word", address, value);
        check.expect(true, "range");
    };
    zero(guest_map::high_memory, image_base);
    zero(image_base + image_memory, ram_end());
    zero(guest_map::vga_hole_end, guest_map::acpi.base);
}

} // namespace

void attack_memory() {
    check_scrubbed();
    check_boundaries();
    check_sweep();
    attack_memory_by_instructions();
}

} // namespace cloison::attack
