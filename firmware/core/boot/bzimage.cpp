// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/boot/bzimage.hpp"

#include "firmware/core/boot/linux_header.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace cloison::core {

namespace {

constexpr usize header_start = offsetof(boot_params, hdr); // in the file as in boot_params
constexpr usize sector = 512;
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

Result<KernelImage, KernelError> parse_bzimage(std::span<const u8> file) {
    constexpr usize needed = offsetof(setup_header, handover_offset); // init_size included
    if (file.size() < header_start + sizeof(setup_header))
        return KernelError::too_short;
    setup_header h{};
    std::memcpy(&h, file.data() + header_start, needed);
    if (h.boot_flag != setup_boot_flag || h.header != setup_magic)
        return KernelError::no_magic;
    if (h.version < protocol_2_12)
        return KernelError::old_protocol;
    if ((h.xloadflags & XLF_KERNEL_64) == 0 || (h.loadflags & LOADED_HIGH) == 0)
        return KernelError::not_64bit;
    usize end = header_end(file);
    if (end < header_start + needed)
        return KernelError::header_short;
    std::memcpy(&h, file.data() + header_start, std::min(end - header_start, sizeof(setup_header)));

    constexpr usize default_setup_sectors = 4; // what 0 means
    usize setup = (1 + (h.setup_sects == 0 ? default_setup_sectors : h.setup_sects)) * sector;
    u64 code_size = h.syssize * syssize_unit;
    if (setup > file.size() || code_size > file.size() - setup || code_size <= bzimage_entry64)
        return KernelError::truncated;
    if (!Extent{0, code_size}.contains(Extent{h.payload_offset, h.payload_length}))
        return KernelError::payload_bounds;
    if (h.relocatable_kernel != 0 && !power_of_two(h.kernel_alignment))
        return KernelError::alignment;

    KernelImage image;
    image.header = h;
    image.shape = {.load_size = code_size,
                   .init_size = h.init_size,
                   .preferred = h.pref_address,
                   .alignment = h.kernel_alignment,
                   .relocatable = h.relocatable_kernel != 0,
                   .initrd_max = h.initrd_addr_max};
    image.entry = bzimage_entry64;
    image.table[image.count++] = {0, file.subspan(setup, code_size), code_size};
    return image;
}

} // namespace cloison::core
