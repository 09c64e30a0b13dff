// SPDX-License-Identifier: Apache-2.0
// Which device has which ports: the one place that reads, writes and the log of refused accesses go
// by.
#pragma once

#include "firmware/abi/guest_map.hpp"
#include "firmware/core/devices/power.hpp"

#include <array>

namespace cloison::core {

enum class Unit : u8 { none, pic, uart, pit, control_b, rtc, power, pci_data, post_code };

struct Ports {
    u32 first;
    u32 count;
    Unit unit;
};

/// The busiest first.
inline constexpr std::array<Ports, 15> port_map{{
    {guest_map::pic1, 2, Unit::pic},
    {guest_map::pic2, 2, Unit::pic},
    {guest_map::com1, 8, Unit::uart},
    {guest_map::pm_timer, 4, Unit::power},
    {guest_map::pit, 4, Unit::pit},
    {guest_map::system_control_b, 1, Unit::control_b},
    {guest_map::rtc, 2, Unit::rtc},
    {guest_map::post_code, 1, Unit::post_code},
    {guest_map::elcr, 2, Unit::pic},
    {guest_map::pci_data, 4, Unit::pci_data},
    {guest_map::pm1_event, 4, Unit::power},
    {guest_map::pm1_control, 2, Unit::power},
    {guest_map::reset_control, 1, Unit::power},
    {system_control_a, 1, Unit::power},
    {keyboard_command, 1, Unit::power},
}};

/// The device that a byte access to `port` reaches.
constexpr Unit unit_at(u32 port) {
    for (const Ports& ports : port_map)
        if (port - ports.first < ports.count)
            return ports.unit;
    return Unit::none;
}

/// The device that one byte of a wider access reaches. The reset register, which lies inside PCI's
/// address register, answers byte accesses only.
constexpr Unit part_at(u32 port) {
    return port == guest_map::reset_control ? Unit::none : unit_at(port);
}

/// PCI's address register answers dwords only.
constexpr bool is_pci_address(u16 port, u32 size) {
    return size == 4 && port == guest_map::pci_address;
}

/// Configuration data is accessed in any width, as long as it stays within the dword.
constexpr bool is_pci_data(u16 port, u32 size) {
    return port >= guest_map::pci_data && port + size <= guest_map::pci_data + 4u;
}

} // namespace cloison::core
