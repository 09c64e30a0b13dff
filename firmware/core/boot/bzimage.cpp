// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/boot/bzimage.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace cloison::core {

namespace {

constexpr usize header_start = offsetof(boot_params, hdr); // in the file as in boot_params
constexpr usize sector = 512;
constexpr u16 boot_flag = 0xAA55;
constexpr u32 header_magic = 0x53726448; // "HdrS"
constexpr u16 protocol_2_12 = 0x020C;    // the first with xloadflags
constexpr u64 syssize_unit = 16;

// Not std::has_single_bit: without a popcnt instruction it calls the compiler's library, which the
// firmware is linked without.
constexpr bool power_of_two(u32 value) {
    return value != 0 && (value & (value - 1)) == 0;
}

/// Where the setup header ends: the jump over it tells, its second byte being the distance from
/// its own end.
usize header_end(std::span<const u8> file) {
    constexpr usize jump_end = header_start + offsetof(setup_header, jump) + 2;
    return jump_end + file[jump_end - 1];
}

} // namespace

const char* bzimage_error_text(BzImageError error) {
    switch (error) {
    case BzImageError::none:
        return "a bootable kernel";
    case BzImageError::too_short:
        return "too short for a Linux kernel";
    case BzImageError::no_magic:
        return "not a Linux kernel (bzImage)";
    case BzImageError::old_protocol:
        return "a kernel older than Linux 3.8, without a 64-bit entry";
    case BzImageError::not_64bit:
        return "not a 64-bit kernel";
    case BzImageError::header_short:
        return "its setup header ends too early";
    case BzImageError::truncated:
        return "truncated";
    case BzImageError::payload_bounds:
        return "its compressed kernel lies outside the file";
    case BzImageError::alignment:
        return "its alignment is no power of two";
    }
    return "unknown";
}

Result<BzImage, BzImageError> BzImage::parse(std::span<const u8> file) {
    constexpr usize needed = offsetof(setup_header, handover_offset); // init_size included
    if (file.size() < header_start + sizeof(setup_header))
        return BzImageError::too_short;
    setup_header h{};
    std::memcpy(&h, file.data() + header_start, needed);
    if (h.boot_flag != boot_flag || h.header != header_magic)
        return BzImageError::no_magic;
    if (h.version < protocol_2_12)
        return BzImageError::old_protocol;
    if ((h.xloadflags & XLF_KERNEL_64) == 0 || (h.loadflags & LOADED_HIGH) == 0)
        return BzImageError::not_64bit;
    usize end = header_end(file);
    if (end < header_start + needed)
        return BzImageError::header_short;
    std::memcpy(&h, file.data() + header_start, std::min(end - header_start, sizeof(setup_header)));

    constexpr usize default_setup_sectors = 4; // what 0 means
    usize setup = (1 + (h.setup_sects == 0 ? default_setup_sectors : h.setup_sects)) * sector;
    u64 code_size = h.syssize * syssize_unit;
    if (setup > file.size() || code_size > file.size() - setup || code_size <= entry64)
        return BzImageError::truncated;
    if (!Extent{0, code_size}.contains(Extent{h.payload_offset, h.payload_length}))
        return BzImageError::payload_bounds;
    if (h.relocatable_kernel != 0 && !power_of_two(h.kernel_alignment))
        return BzImageError::alignment;
    return BzImage(h, file.subspan(setup, code_size));
}

abi::LinuxShape BzImage::shape() const {
    return {.load_size = code_.size(),
            .init_size = header_.init_size,
            .preferred = header_.pref_address,
            .alignment = header_.kernel_alignment,
            .relocatable = header_.relocatable_kernel != 0,
            .initrd_max = header_.initrd_addr_max};
}

} // namespace cloison::core
