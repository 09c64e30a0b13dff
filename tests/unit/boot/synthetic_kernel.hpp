// SPDX-License-Identifier: Apache-2.0
// A bzImage with nothing in it but what a loader looks at, each field to be spoilt at will.
#pragma once

#include "firmware/abi/types.hpp"

#include <asm/bootparam.h>
#include <cstring>
#include <span>
#include <vector>

namespace cloison::test {

struct SyntheticKernel {
    setup_header header{};
    usize setup_sectors = 4; // in the file, whatever the header says
    usize code_size = 0;

    /// A kernel like a small distribution's: relocatable, 16 MiB preferred, protocol 2.15.
    explicit SyntheticKernel(usize code = 3 * mib) : code_size(code) {
        header.setup_sects = static_cast<u8>(setup_sectors);
        header.syssize = static_cast<u32>(code / 16);
        header.boot_flag = 0xAA55;
        header.jump = 0x66EB; // header ends at 0x202 + 0x66
        header.header = 0x53726448;
        header.version = 0x020F;
        header.loadflags = LOADED_HIGH;
        header.initrd_addr_max = 0x7FFFFFFF;
        header.kernel_alignment = 2 * mib;
        header.relocatable_kernel = 1;
        header.xloadflags = XLF_KERNEL_64;
        header.cmdline_size = 2047;
        header.payload_offset = 0x300;
        header.payload_length = static_cast<u32>(code - 0x300);
        header.pref_address = 16 * mib;
        header.init_size = 40 * mib;
    }

    /// The file; its code is a pattern that differs from page to page.
    [[nodiscard]] std::vector<u8> file() const {
        std::vector<u8> bytes((1 + setup_sectors) * 512 + code_size);
        std::memcpy(bytes.data() + 0x1F1, &header, sizeof header);
        for (usize i = 0; i < code_size; ++i)
            bytes[(1 + setup_sectors) * 512 + i] = pattern(i);
        return bytes;
    }

    static u8 pattern(usize i) { return static_cast<u8>(i * 7 + i / 4096 + 1); }
};

} // namespace cloison::test
