// SPDX-License-Identifier: Apache-2.0
#include "tests/guest/guest.hpp"

#include "firmware/abi/guest_map.hpp"
#include "firmware/x86/instructions.hpp"
#include "tests/guest/apic.hpp"
#include "tests/guest/console.hpp"
#include "tests/guest/cpu.hpp"
#include "tests/guest/paging.hpp"

#include <algorithm>
#include <asm/bootparam.h>
#include <asm/e820.h>
#include <cstring>

namespace cloison::guest {

namespace {

/// A copy: the boot loader's own is in memory that guests fill.
boot_params parameters;
char command_line[2048];

u64 usable_memory() {
    u64 sum = 0;
    for (const boot_e820_entry& entry : memory_map())
        sum += entry.type == E820_RAM ? entry.size : 0;
    return sum;
}

/// The number of CPUs that share the package (CPUID leaf 0BH, the level behind that of threads; a
/// CPU that is alone need not have it).
u32 cpu_count() {
    return std::max(x86::cpuid(0xB, 1).ebx & 0xFFFF, 1u);
}

void keep_boot_parameters(const boot_params& given) {
    std::memcpy(&parameters, &given, sizeof parameters);
    const auto* text =
        reinterpret_cast<const char*>(u64{given.ext_cmd_line_ptr} << 32 | given.hdr.cmd_line_ptr);
    for (usize i = 0; i + 1 < sizeof command_line && text[i] != 0; ++i)
        command_line[i] = text[i];
}

void report(u64 entry_tsc) {
    {
        Line line;
        line << "@guest init tsc=" << entry_tsc;
    }
    Line line;
    line << "@guest report cpus=" << cpu_count() << " memory=" << usable_memory()
         << " kernel=test cmdline=" << command_line;
}

} // namespace

std::string_view option(std::string_view name) {
    const char* word = command_line;
    for (;;) {
        const char* end = word;
        while (*end != 0 && *end != ' ')
            ++end;
        std::string_view text(word, static_cast<usize>(end - word));
        if (text.size() > name.size() && text.starts_with(name) && text[name.size()] == '=')
            return {word + name.size() + 1, text.size() - name.size() - 1};
        if (*end == 0)
            return {};
        word = end + 1;
    }
}

u64 number_option(std::string_view name) {
    u64 number = 0;
    for (char c : option(name))
        if (c >= '0' && c <= '9')
            number = number * 10 + static_cast<u64>(c - '0');
    return number;
}

std::span<const boot_e820_entry> memory_map() {
    return std::span(parameters.e820_table).first(parameters.e820_entries);
}

u64 ram_end() {
    for (const boot_e820_entry& entry : memory_map())
        if (entry.type == E820_RAM && entry.addr == guest_map::high_memory)
            return entry.addr + entry.size;
    return 0;
}

void report_done() {
    Line line;
    line << "@guest done passed=" << Check::passed_checks << " failed=" << Check::failed_checks;
}

void finish() {
    report_done();
    power_off();
}

void power_off() {
    constexpr u16 sleep_enable = 1 << 13, sleep_type_shift = 10;
    constexpr u16 emulator_shutdown = 0x8900;
    u16 command = sleep_enable | guest_map::s5_sleep_type << sleep_type_shift;
    asm volatile("outw %0, %1" : : "a"(command), "Nd"(guest_map::pm1_control));
    for (char c : std::string_view("Shutdown"))
        x86::out8(emulator_shutdown, static_cast<u8>(c));
    x86::halt_forever();
}

void wait_ticks(u64 ticks) {
    for (u64 begin = x86::rdtsc(); x86::rdtsc() - begin < ticks;)
        x86::pause();
}

/// What a BIOS may have left on: the 8259s, whose vectors are those of exceptions.
static void mask_legacy_interrupts() {
    x86::out8(guest_map::pic1 + 1, 0xFF);
    x86::out8(guest_map::pic2 + 1, 0xFF);
}

extern "C" [[noreturn]] void guest_start(const boot_params& given, u64 entry_tsc) {
    keep_boot_parameters(given);
    initialise_paging();
    initialise_cpu(0);
    report(entry_tsc);
    mask_legacy_interrupts();
    apic.initialise();
    guest_main();
    finish();
}

} // namespace cloison::guest
