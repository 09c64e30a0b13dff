// SPDX-License-Identifier: Apache-2.0
// A Linux kernel image, taken apart (The Linux/x86 Boot Protocol, "The Real-Mode Kernel Header").
// The file is hostile: no field is used before it is checked.
#pragma once

#include "firmware/abi/placement.hpp"
#include "firmware/abi/result.hpp"
#include "firmware/abi/types.hpp"

#include <asm/bootparam.h>
#include <span>

namespace cloison::core {

enum class BzImageError : u32 {
    none = 0,
    too_short,      // ends within the boot sector or the setup header
    no_magic,       // not a bzImage: no boot flag, or no "HdrS"
    old_protocol,   // boot protocol before 2.12 (Linux 3.8), which has no 64-bit entry
    not_64bit,      // a 32-bit kernel, or one that loads below 1 MiB
    header_short,   // the setup header claims to end before the fields of protocol 2.12
    truncated,      // setup sectors or protected-mode code end past the file
    payload_bounds, // the compressed kernel lies outside the protected-mode code
    alignment,      // kernel_alignment of a relocatable kernel is no power of two
};

/// The reason in words, to follow the file's name and a colon.
const char* bzimage_error_text(BzImageError error);

/// A sound bzImage; refers to the file's bytes.
class BzImage {
  public:
    static Result<BzImage, BzImageError> parse(std::span<const u8> file);

    /// The setup header as the file has it; fields that the file's header lacks are zero.
    [[nodiscard]] const setup_header& header() const { return header_; }
    /// The protected-mode code, all that has to be in memory.
    [[nodiscard]] std::span<const u8> code() const { return code_; }
    /// Length of the longest command line it takes, without the NUL.
    [[nodiscard]] u32 cmdline_max() const { return header_.cmdline_size; }
    /// What to give to abi::place_linux().
    [[nodiscard]] abi::LinuxShape shape() const;

    /// The 64-bit entry point's offset in code().
    static constexpr u64 entry64 = 0x200;

  private:
    BzImage(const setup_header& header, std::span<const u8> code) : header_(header), code_(code) {}

    setup_header header_;
    std::span<const u8> code_;
};

} // namespace cloison::core
