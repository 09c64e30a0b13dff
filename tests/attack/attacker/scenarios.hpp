// SPDX-License-Identifier: Apache-2.0
// What the attacker can be told to do, one function for each value of attack= on its command line.
// Everything is allowed to fail for the attacker itself; nothing may reach its neighbour.
#pragma once

namespace cloison::attack {

void attack_memory(); // with the next one
void attack_memory_by_instructions();
void attack_ports();
void attack_string_ports();
void attack_msrs();
void attack_instructions();
void attack_control_registers();
void attack_ipis();
void attack_interrupt_controllers();
void attack_cpuid();
void attack_virtio(); // a disk that another partition serves
void storm();

// Those end with the attacker's partition.
void end_by_triple_fault();
void end_by_page_tables();
void end_by_init();
void end_by_reset_port();

} // namespace cloison::attack
