// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/boot/kernel_image.hpp"

#include "firmware/core/boot/bzimage.hpp"
#include "firmware/core/boot/elf_kernel.hpp"

#include <cstring>
#include <linux/elf.h>

namespace cloison::core {

const char* kernel_error_text(KernelError error) {
    switch (error) {
    case KernelError::none:
        return "a bootable kernel";
    case KernelError::too_short:
        return "too short for a Linux kernel";
    case KernelError::no_magic:
        return "not a Linux kernel (bzImage or vmlinux)";
    case KernelError::old_protocol:
        return "a kernel older than Linux 3.8, without a 64-bit entry";
    case KernelError::not_64bit:
        return "not a 64-bit kernel";
    case KernelError::header_short:
        return "its setup header ends too early";
    case KernelError::truncated:
        return "truncated";
    case KernelError::payload_bounds:
        return "its compressed kernel lies outside the file";
    case KernelError::alignment:
        return "its alignment is no power of two";
    case KernelError::not_executable:
        return "an ELF file, but no 64-bit x86 executable with fixed addresses";
    case KernelError::not_linux:
        return "an ELF file, but no Linux kernel: it has no note of Linux's (4.19 and later)";
    case KernelError::too_many_segments:
        return "it has more than 8 segments to load";
    case KernelError::segment_bounds:
        return "a segment of it reaches past 4 GiB, or is shorter in memory than in the file";
    case KernelError::segment_overlap:
        return "two of its segments overlap";
    case KernelError::entry_outside:
        return "its entry point lies outside its code";
    }
    return "unknown";
}

bool is_elf(std::span<const u8> file) {
    return file.size() >= SELFMAG && std::memcmp(file.data(), ELFMAG, SELFMAG) == 0;
}

Result<KernelImage, KernelError> parse_kernel(std::span<const u8> file) {
    return is_elf(file) ? parse_elf_kernel(file) : parse_bzimage(file);
}

} // namespace cloison::core
