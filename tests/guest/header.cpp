// SPDX-License-Identifier: Apache-2.0
// The setup header by which a Linux boot loader knows how to load a test guest (The Linux/x86 Boot
// Protocol, "The Real-Mode Kernel Header").
#include "tests/guest/image.hpp"

#include <asm/bootparam.h>
#include <cstddef>

namespace cloison::guest {

namespace {

constexpr usize header_start = offsetof(boot_params, hdr);
constexpr usize setup_size = 1024;
constexpr u16 short_jump_over_header =
    0x00EB + ((sizeof(setup_header) - offsetof(setup_header, header)) << 8);

struct [[gnu::packed]] SetupSectors {
    u8 boot_sector[header_start];
    setup_header header;
    u8 rest[setup_size - header_start - sizeof(setup_header)];
};
static_assert(sizeof(SetupSectors) == setup_size);

constexpr setup_header make_header() {
    setup_header h{};
    h.setup_sects = setup_size / 512 - 1;
    h.syssize = image_size / 16;
    h.boot_flag = 0xAA55;
    h.jump = short_jump_over_header;
    h.header = 0x53726448; // "HdrS"
    h.version = 0x020F;
    h.loadflags = LOADED_HIGH;
    h.initrd_addr_max = 0x7FFFFFFF;
    h.kernel_alignment = 2 * mib;
    h.min_alignment = 21;
    h.xloadflags = XLF_KERNEL_64; // not relocatable: linked for one address
    h.cmdline_size = 2047;
    h.pref_address = image_base;
    h.init_size = image_memory;
    return h;
}

} // namespace

extern const SetupSectors setup_sectors;
[[gnu::section(".setup"), gnu::used]] constinit const SetupSectors setup_sectors{
    {}, make_header(), {}};

} // namespace cloison::guest
