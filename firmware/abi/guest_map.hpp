// SPDX-License-Identifier: Apache-2.0
// The small PC that every guest sees: where its memory, tables, ports and interrupts are.
// The planner writes these places into the ACPI tables, the firmware emulates what is there.
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::guest_map {

// RAM: [0, 640 KiB) and [768 KiB, low_ram_limit), the rest from 4 GiB up. The VGA window
// [640 KiB, 768 KiB) is a hole: it reads as all-ones. [768 KiB, 1 MiB) is RAM that E820 reports
// reserved, since the ACPI tables are there. A partition's memory size counts from address 0, so
// the usable part is the size less legacy_hole.
inline constexpr u64 vga_hole = 0xA0000;
inline constexpr u64 vga_hole_end = 0xC0000;
inline constexpr u64 high_memory = 1 * mib;
inline constexpr u64 legacy_hole = high_memory - vga_hole;
inline constexpr u64 low_ram_limit = 3 * gib;
inline constexpr u64 high_ram_base = 4 * gib;

inline constexpr Extent pci_window{0xC0000000, 0x20000000};
/// Of servers only, for 64-bit BARs: their clients' memory. It ends where the physical addresses of
/// small CPUs end, so a server's own memory lies below it.
inline constexpr Extent server_window{256 * gib, 256 * gib};
inline constexpr Extent ecam{0xE0000000, 1 * mib}; // one bus
inline constexpr u64 ioapic = 0xFEC00000;
inline constexpr u64 local_apic = 0xFEE00000;

/// ACPI tables, RSDP first; where the BIOS area is on a PC (ACPI 6.4, 5.2.5.1).
inline constexpr Extent acpi{0xE0000, 0x20000};

// Placed by the Linux loader below 640 KiB.
inline constexpr u64 boot_gdt = 0x1000;
inline constexpr u64 boot_page_tables = 0x2000; // 6 pages: PML4, PDPT and 4 PDs for 4 GiB
inline constexpr u64 boot_params = 0x90000;
inline constexpr u64 boot_cmdline = 0x91000;
inline constexpr u64 boot_cmdline_max = 2048;
inline constexpr u64 boot_stack = 0x9F000;

// I/O ports.
inline constexpr u16 pic1 = 0x20, pic2 = 0xA0, elcr = 0x4D0;
inline constexpr u16 pit = 0x40, system_control_b = 0x61;
inline constexpr u16 rtc = 0x70;
inline constexpr u16 com1 = 0x3F8;
inline constexpr u16 pm1_event = 0x600, pm1_control = 0x604, pm_timer = 0x608;
inline constexpr u16 pci_address = 0xCF8, reset_control = 0xCF9, pci_data = 0xCFC;
inline constexpr u16 post_code = 0x80; // writes are the customary I/O delay: accepted and ignored

// Interrupt lines (global system interrupts of the one IOAPIC).
inline constexpr u32 ioapic_pins = 24;
inline constexpr u32 gsi_pit = 2; // ISA IRQ 0 is overridden to pin 2, as on every PC
inline constexpr u32 gsi_com1 = 4;
inline constexpr u32 gsi_rtc = 8;
inline constexpr u32 gsi_sci = 9;

/// SLP_TYPx value of \_S5 in our DSDT, written to PM1 control with SLP_EN to power off.
inline constexpr u8 s5_sleep_type = 5;
/// Value that the FADT names for the reset register (port reset_control).
inline constexpr u8 reset_value = 0x06;

} // namespace cloison::guest_map
