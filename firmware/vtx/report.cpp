// SPDX-License-Identifier: Apache-2.0
#include "firmware/vtx/report.hpp"

#include "firmware/vtx/vcpu.hpp"
#include "firmware/x86/log.hpp"

#include <asm/vmx.h>

namespace cloison::vtx {

namespace {

struct ReasonName {
    u32 reason;
    const char* name;
};
constexpr ReasonName reason_names[] = {VMX_EXIT_REASONS};

const char* reason_name(u32 reason) {
    for (const ReasonName& r : reason_names)
        if (r.reason == reason)
            return r.name;
    return "UNKNOWN";
}

} // namespace

void report_stopped(const Guest& guest) {
    {
        x86::LogLine line;
        line << "@stopped name=" << guest.record.name
             << " reason=" << core::stop_reason_name(guest.partition.reason())
             << " tsc=" << x86::rdtsc() << " exits=" << guest.partition.exits();
    }
    for (const core::VirtualCpu* cpu = guest.partition.first_cpu(); cpu != nullptr;
         cpu = cpu->next) {
        const auto& vcpu = static_cast<const Vcpu&>(*cpu);
        for (u32 reason = 0; reason < exit_reasons; ++reason) {
            if (vcpu.exit_count(reason) == 0)
                continue;
            x86::LogLine line;
            line << "@exits name=" << guest.record.name << " cpu=" << vcpu.id()
                 << " reason=" << reason_name(reason) << " count=" << vcpu.exit_count(reason);
        }
    }
}

} // namespace cloison::vtx
