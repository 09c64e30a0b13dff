// SPDX-License-Identifier: Apache-2.0
// A test guest from its start to its end. Each guest program defines guest_main().
#pragma once

#include "firmware/abi/types.hpp"
#include "tests/guest/check.hpp"

#include <span>
#include <string_view>

struct boot_e820_entry;

namespace cloison::guest {

/// The program: called on the boot CPU with everything initialised and interrupts off. When it
/// returns the guest says what came of it and powers off.
void guest_main();

/// The value of `name=` on the command line, or an empty text.
std::string_view option(std::string_view name);
/// The same as a decimal number; 0 where there is none.
u64 number_option(std::string_view name);

/// The boot loader's memory map.
std::span<const boot_e820_entry> memory_map();
/// Where the RAM that begins at 1 MiB ends.
u64 ram_end();

/// Prints "@guest done passed=N failed=N".
void report_done();
/// report_done(), then power_off().
[[noreturn]] void finish();
/// By ACPI in a partition; on a bare machine, which has nothing at that port, by the emulator's own
/// port.
[[noreturn]] void power_off();

/// Waits, by the TSC.
void wait_ticks(u64 ticks);

} // namespace cloison::guest
