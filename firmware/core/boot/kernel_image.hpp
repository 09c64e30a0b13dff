// SPDX-License-Identifier: Apache-2.0
// A Linux kernel's file, taken apart: a bzImage, which unpacks the kernel when it runs, or the ELF
// file that is packed in it (vmlinux), which runs as it is. Both come down to segments of memory,
// an entry point and a setup header. The file is hostile: no field is used before it is checked.
#pragma once

#include "firmware/abi/placement.hpp"
#include "firmware/abi/result.hpp"
#include "firmware/abi/types.hpp"

#include <array>
#include <asm/bootparam.h>
#include <span>

namespace cloison::core {

enum class KernelError : u32 {
    none = 0,
    too_short,         // ends within the header of its format
    no_magic,          // neither ELF nor a bzImage: no boot flag, or no "HdrS"
    old_protocol,      // boot protocol before 2.12 (Linux 3.8), which has no 64-bit entry
    not_64bit,         // a 32-bit kernel, or one that loads below 1 MiB
    header_short,      // the setup header claims to end before the fields of protocol 2.12
    truncated,         // what its header tells of ends past the file
    payload_bounds,    // the compressed kernel lies outside the protected-mode code
    alignment,         // kernel_alignment of a relocatable kernel is no power of two
    not_executable,    // an ELF file, but no fixed 64-bit executable for x86
    not_linux,         // an ELF file without a note of Linux's, which kernels have from 4.19 on
    too_many_segments, // more than max_kernel_segments that are to be loaded
    segment_bounds,    // a segment reaches past 4 GiB, or is shorter in memory than in the file
    segment_overlap,   // two segments want the same memory
    entry_outside,     // the entry point lies in no segment's code
};

/// The reason in words, to follow the file's name and a colon.
const char* kernel_error_text(KernelError error);

/// Memory that the kernel wants filled.
struct KernelSegment {
    u64 offset = 0;            // from the load address
    std::span<const u8> bytes; // what is to be there
    u64 size = 0;              // of it in memory: zeroes behind `bytes`
};

inline constexpr usize max_kernel_segments = 8; // Linux has four

/// The longest command line of an x86 kernel, without the NUL (arch/x86/include/asm/setup.h has
/// COMMAND_LINE_SIZE). A bzImage says it of itself, an ELF file does not.
inline constexpr u32 elf_cmdline_max = 2047;

/// A sound kernel; refers to the file's bytes.
struct KernelImage {
    /// For boot_params. Of a bzImage as the file has it, fields that the file's header lacks being
    /// zero; of an ELF file as a bzImage with this kernel would have it.
    setup_header header{};
    /// What to give to abi::place_linux().
    abi::LinuxShape shape;
    /// The 64-bit entry point, from the load address.
    u64 entry = 0;

    /// Apart from each other, none of size 0.
    [[nodiscard]] std::span<const KernelSegment> segments() const {
        return std::span(table).first(count);
    }
    /// Length of the longest command line it takes, without the NUL.
    [[nodiscard]] u32 cmdline_max() const { return header.cmdline_size; }

    std::array<KernelSegment, max_kernel_segments> table;
    usize count = 0; // of them in use
};

/// Whether the file begins as ELF files do: what parse_kernel() takes for one.
bool is_elf(std::span<const u8> file);

/// Takes a kernel apart.
Result<KernelImage, KernelError> parse_kernel(std::span<const u8> file);

} // namespace cloison::core
