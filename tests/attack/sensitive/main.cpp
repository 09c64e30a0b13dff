// SPDX-License-Identifier: Apache-2.0
// Sensitive instructions: those that show or depend on the CPU's state without always faulting. Run
// in a partition and on the bare machine, this guest must say the same. What is known without a
// machine to compare with is checked here too.
#include "tests/attack/sensitive/observation.hpp"

#include "firmware/x86/instructions.hpp"
#include "tests/guest/guest.hpp"

#include <asm/processor-flags.h>

namespace cloison::sensitive {

namespace {

constexpr u64 user_flags = X86_EFLAGS_FIXED | X86_EFLAGS_IF;
constexpr u64 user_flags_io = user_flags | X86_EFLAGS_IOPL;

void check_tables(const char* name) {
    Check check(name);
    check.expect_equal(noted("sgdt-limit"), sizeof cpus[0].gdt - 1, "sgdt-limit");
    check.expect_equal(noted("sgdt-base"), reinterpret_cast<u64>(cpus[0].gdt), "sgdt-base");
    check.expect_equal(noted("sidt-limit"), idt_limit, "sidt-limit");
    check.expect_equal(noted("sidt-base"), idt_base(), "sidt-base");
    check.expect_equal(noted("table-behind"), 0x5A5A, "table-behind");
    check.expect_equal(noted("sldt"), selector::ldt, "sldt");
    check.expect_equal(noted("str"), selector::tss, "str");
    check.expect_equal(noted("smsw"), usual_cr0, "smsw");
}

/// At CPL 0 both IF and IOPL can be changed; elsewhere IOPL never, IF where IOPL allows it.
void check_flags(const char* name, u64 before, bool kernel) {
    Check check(name);
    bool io_privilege = kernel || (before & X86_EFLAGS_IOPL) != 0;
    u64 interrupts = before & X86_EFLAGS_IF, level = before & X86_EFLAGS_IOPL;
    check.expect_equal(noted("pushfq") & (X86_EFLAGS_IF | X86_EFLAGS_IOPL), interrupts | level,
                       "pushfq");
    check.expect_equal(noted("popfq", 0) & X86_EFLAGS_IF, io_privilege ? 0 : interrupts,
                       "popf-if-off");
    check.expect_equal(noted("iretq", 0) & X86_EFLAGS_IF, io_privilege ? 0 : interrupts,
                       "iret-if-off");
    check.expect_equal(noted("popfq", X86_EFLAGS_IOPL) & X86_EFLAGS_IOPL,
                       kernel ? u64{X86_EFLAGS_IOPL} : level, "popf-iopl");
    check.expect_equal(noted("iretq", X86_EFLAGS_IOPL) & X86_EFLAGS_IOPL,
                       kernel ? u64{X86_EFLAGS_IOPL} : level, "iret-iopl");
    check.expect_equal(noted("cli-fault"), io_privilege ? 0 : fault_value(vector::protection),
                       "cli-fault");
    check.expect_equal(noted("cli") & X86_EFLAGS_IF, io_privilege ? 0 : interrupts, "cli");
}

void observe_here() {
    observe_tables();
    observe_selectors();
    observe_flags();
    observe_faults();
}

void observe_as_user() {
    observe_here();
    observe_privileged();
}

/// User mode where CR4 takes RDTSC and the table instructions away from it.
void observe_restricted_user() {
    observe_privileged();
    note("sgdt", attempt([] {
             u8 image[10];
             asm volatile(GUEST_TRY("sgdt %0") : "=m"(image) : : "memory");
         }));
    note("smsw", attempt([] {
             u64 value = 0;
             asm volatile(GUEST_TRY("smswq %0") : "+r"(value) : : "memory");
         }));
    note("str", attempt([] {
             u64 value = 0;
             asm volatile(GUEST_TRY("strq %0") : "+r"(value) : : "memory");
         }));
}

bool has_umip() {
    return (x86::cpuid(7).ecx >> 2 & 1) != 0;
}

} // namespace

} // namespace cloison::sensitive

void cloison::guest::guest_main() {
    using namespace sensitive;
    constexpr u32 open_port = 0x80;
    cpus[0].tss.io_map[open_port / 8] &= static_cast<u8>(~(1 << open_port % 8));

    observe_here();
    check_tables("tables-kernel");
    check_flags("flags-kernel", X86_EFLAGS_FIXED, true);
    say_all("kernel");
    observe_single_steps();
    say_all("steps");
    observe_interrupt_windows();
    say_all("windows");
    call_user(observe_as_user, user_flags);
    check_tables("tables-user");
    check_flags("flags-user", user_flags, false);
    say_all("user");
    call_user(observe_as_user, user_flags_io);
    check_tables("tables-user-io");
    check_flags("flags-user-io", user_flags_io, false);
    say_all("user-io");
    x86::write_cr4(usual_cr4 | X86_CR4_TSD | (has_umip() ? X86_CR4_UMIP : 0));
    call_user(observe_restricted_user, user_flags);
    x86::write_cr4(usual_cr4);
    say_all("user-restricted");
}
