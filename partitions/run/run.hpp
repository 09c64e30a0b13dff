// SPDX-License-Identifier: Apache-2.0
// The subcommands of `cloison` that start an emulator or make something that boots. Each takes the
// words behind its name and returns the exit status; each has --help.
#pragma once

#include <string>
#include <vector>

namespace cloison::run {

/// `cloison boot LAYOUT`: the layout under the firmware.
int run_boot(const std::vector<std::string>& words);

/// `cloison reference LAYOUT`: its guests one at a time, without the firmware.
int run_reference(const std::vector<std::string>& words);

/// `cloison image LAYOUT [-o FILE]`: an ISO image that boots the layout by GRUB on BIOS and on
/// UEFI.
int run_image(const std::vector<std::string>& words);

} // namespace cloison::run
