// SPDX-License-Identifier: Apache-2.0
// From the boot loader to running partitions, on the boot processor.
#include "firmware/abi/modules.hpp"
#include "firmware/vtx/activation.hpp"
#include "firmware/vtx/capabilities.hpp"
#include "firmware/x86/acpi.hpp"
#include "firmware/x86/clock.hpp"
#include "firmware/x86/identity_map.hpp"
#include "firmware/x86/local_apic.hpp"
#include "firmware/x86/log.hpp"
#include "firmware/x86/multiboot.hpp"
#include "firmware/x86/refusal.hpp"
#include "firmware/x86/serial.hpp"

extern "C" {
extern const cloison::u8 __image_start[], __text_end[], __image_end[];
[[noreturn]] void firmware_main(cloison::u32 magic, cloison::u64 information);
}

namespace cloison::vtx {

namespace {

constinit Capabilities capabilities;

void report_memory(const Activation& activation) {
    x86::LogLine line;
    line << "@memory used=" << activation.memory_used()
         << " text=" << static_cast<u64>(__text_end - __image_start);
}

} // namespace

[[noreturn]] static void boot(u32 magic, u64 information) {
    if (read_capabilities(capabilities) != 0)
        x86::halt();
    if (magic != x86::multiboot2_magic)
        x86::refuse({abi::Rule::boot_protocol});
    x86::map_all_memory();
    x86::apic.initialise();
    x86::BootInformation loader(information);
    x86::AcpiTables acpi(loader.rsdp());
    u64 tsc_hz = x86::tsc_frequency(acpi.pm_timer_port());
    {
        x86::LogLine line;
        line << "@clock tsc-hz=" << tsc_hz;
    }
    Activation activation({loader, acpi, capabilities, tsc_hz, x86::tsc_epoch(tsc_hz),
                           reinterpret_cast<u64>(__image_start),
                           reinterpret_cast<u64>(__image_end)});
    if (auto verdict = activation.build(); !verdict.ok())
        x86::refuse(verdict);
    report_memory(activation);
    if (auto verdict = activation.start_processors(); !verdict.ok())
        x86::refuse(verdict);
    activation.run();
    x86::halt_forever();
}

} // namespace cloison::vtx

void firmware_main(cloison::u32 magic, cloison::u64 information) {
    using namespace cloison;
    u64 entered = x86::rdtsc();
    x86::initialise_idt();
    x86::serial.initialise(guest_map::com1); // a PC's first port is where the guests' is
    {
        x86::LogLine line;
        line << "@entry version=" << CLOISON_VERSION << " tsc=" << entered;
    }
    vtx::boot(magic, information);
}
