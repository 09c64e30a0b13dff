// SPDX-License-Identifier: Apache-2.0
// The numbers in the DSDT's source are those of guest_map.hpp, which the ASL compiler cannot read.
#include "firmware/abi/guest_map.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

namespace cloison {
namespace {

std::map<std::string, u64> defined_constants() {
    std::ifstream source(DSDT_SOURCE);
    std::map<std::string, u64> constants;
    for (std::string line; std::getline(source, line);) {
        std::istringstream words(line);
        std::string directive;
        std::string name;
        std::string value;
        if (words >> directive >> name >> value && directive == "#define")
            constants[name] = std::stoull(value, nullptr, 0);
    }
    return constants;
}

TEST(DsdtConstants, AreTheGuestMaps) {
    using namespace guest_map;
    std::map<std::string, u64> expected{
        {"S5_SLEEP_TYPE", s5_sleep_type},
        {"PCI_WINDOW_BASE", pci_window.base},
        {"PCI_WINDOW_SIZE", pci_window.size},
        {"PCI_WINDOW_LAST", pci_window.end() - 1},
        {"SERVER_WINDOW_BASE", server_window.base},
        {"SERVER_WINDOW_SIZE", server_window.size},
        {"SERVER_WINDOW_LAST", server_window.end() - 1},
        {"ECAM_BASE", ecam.base},
        {"ECAM_SIZE", ecam.size},
        {"PCI_ADDRESS", pci_address},
        {"COM1_PORT", com1},
        {"COM1_IRQ", gsi_com1},
        {"RTC_PORT", rtc},
        {"RTC_IRQ", gsi_rtc},
        {"PM1_EVENT", pm1_event},
        {"PM_SIZE", pm_timer + 4 - pm1_event},
    };
    EXPECT_EQ(defined_constants(), expected);
}

} // namespace
} // namespace cloison
