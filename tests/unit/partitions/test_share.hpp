// SPDX-License-Identifier: Apache-2.0
// A folder like build/share/cloison with a firmware and guests that are as small as the compiler of
// layouts lets them be, so that the tests need no download and know every size.
#pragma once

#include "firmware/abi/types.hpp"

#include <filesystem>
#include <string>

namespace cloison::test {

/// Exists while the object does, and CLOISON_SHARE points to it.
class TestShare {
  public:
    // Sizes that the tests count on.
    static constexpr u64 firmware_image = 0x10000; // from 2 MiB on, zeroed data included
    static constexpr u64 kernel_preferred = 16 * mib;
    static constexpr u64 kernel_init_size = 8 * mib;
    static constexpr u64 initrd_size = 1 * mib;
    static constexpr u64 large_initrd_size = 24 * mib;

    TestShare();
    ~TestShare();
    TestShare(const TestShare&) = delete;
    TestShare& operator=(const TestShare&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    /// guests/test/NAME: vmlinuz, terse-vmlinuz (short command lines only), vmlinux (the ELF file
    /// of a kernel), program (some other ELF file), truncated, text, initrd, same-initrd,
    /// large-initrd, empty.
    [[nodiscard]] std::filesystem::path guest(const std::string& name) const {
        return path_ / "guests" / "test" / name;
    }

  private:
    std::filesystem::path path_;
};

/// Where the sample layouts are.
std::filesystem::path samples();

} // namespace cloison::test
