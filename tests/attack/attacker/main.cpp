// SPDX-License-Identifier: Apache-2.0
// The hostile guest.
#include "tests/attack/attacker/scenarios.hpp"

#include "tests/guest/console.hpp"
#include "tests/guest/guest.hpp"

namespace cloison::attack {

namespace {

struct Scenario {
    std::string_view name;
    void (*run)();
};

constexpr Scenario scenarios[] = {
    {"memory", attack_memory},
    {"ports", attack_ports},
    {"string-ports", attack_string_ports},
    {"msrs", attack_msrs},
    {"instructions", attack_instructions},
    {"control-registers", attack_control_registers},
    {"ipis", attack_ipis},
    {"interrupt-controllers", attack_interrupt_controllers},
    {"cpuid", attack_cpuid},
    {"virtio", attack_virtio},
    {"storm", storm},
    {"triple-fault", end_by_triple_fault},
    {"page-tables", end_by_page_tables},
    {"init", end_by_init},
    {"reset-port", end_by_reset_port},
};

} // namespace

} // namespace cloison::attack

void cloison::guest::guest_main() {
    for (const auto& scenario : attack::scenarios)
        if (scenario.name == option("attack"))
            return scenario.run();
    Check known("attack-known");
    known.expect(false, "attack=");
}
