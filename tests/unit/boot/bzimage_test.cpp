// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/boot/kernel_image.hpp"
#include "tests/unit/boot/synthetic_kernel.hpp"

#include <gtest/gtest.h>

namespace cloison::core {
namespace {

using test::SyntheticKernel;
using Error = KernelError;

Error error_of(const SyntheticKernel& kernel) {
    return parse_kernel(kernel.file()).error();
}

TEST(BzImage, SoundOneIsTakenApart) {
    SyntheticKernel kernel(64 * kib);
    auto file = kernel.file();
    auto image = parse_kernel(file);
    ASSERT_TRUE(image);
    ASSERT_EQ(image->segments().size(), 1u);
    const KernelSegment& code = image->segments()[0];
    EXPECT_EQ(code.bytes.data(), file.data() + 5 * 512);
    EXPECT_EQ(code.bytes.size(), 64 * kib);
    EXPECT_EQ(code.offset, 0u);
    EXPECT_EQ(code.size, 64 * kib);
    EXPECT_EQ(image->entry, 0x200u);
    EXPECT_EQ(image->cmdline_max(), 2047u);
    const auto& shape = image->shape;
    EXPECT_EQ(shape.load_size, 64 * kib);
    EXPECT_EQ(shape.init_size, 40 * mib);
    EXPECT_EQ(shape.preferred, 16 * mib);
    EXPECT_EQ(shape.alignment, 2 * mib);
    EXPECT_TRUE(shape.relocatable);
    EXPECT_EQ(shape.initrd_max, 0x7FFFFFFFu);
}

TEST(BzImage, EveryTruncationIsRefused) {
    SyntheticKernel kernel(4 * kib);
    auto file = kernel.file();
    for (usize size = 0; size < file.size(); ++size) {
        // A copy of its own, so that a read past the end is a heap overflow.
        std::vector<u8> part(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
        constexpr usize header_end = 0x1F1 + sizeof(setup_header);
        EXPECT_EQ(parse_kernel(part).error(),
                  size < header_end ? Error::too_short : Error::truncated)
            << size;
    }
    EXPECT_TRUE(parse_kernel(file));
}

TEST(BzImage, WhatIsAppendedIsNotLoaded) {
    SyntheticKernel kernel(4 * kib);
    auto file = kernel.file();
    file.resize(file.size() + 1000); // a signature, say
    auto image = parse_kernel(file);
    ASSERT_TRUE(image);
    EXPECT_EQ(image->segments()[0].bytes.size(), 4 * kib);
}

TEST(BzImage, OtherFilesAreRefused) {
    SyntheticKernel kernel;
    kernel.header.boot_flag = 0;
    EXPECT_EQ(error_of(kernel), Error::no_magic);
    kernel = SyntheticKernel();
    kernel.header.header ^= 1;
    EXPECT_EQ(error_of(kernel), Error::no_magic);
    EXPECT_EQ(parse_kernel(std::vector<u8>(1 * mib)).error(), Error::no_magic);
}

TEST(BzImage, KernelsWithoutA64BitEntryAreRefused) {
    SyntheticKernel kernel;
    kernel.header.version = 0x020B;
    EXPECT_EQ(error_of(kernel), Error::old_protocol);
    kernel = SyntheticKernel();
    kernel.header.xloadflags = XLF_CAN_BE_LOADED_ABOVE_4G;
    EXPECT_EQ(error_of(kernel), Error::not_64bit);
    kernel = SyntheticKernel();
    kernel.header.loadflags = 0;
    EXPECT_EQ(error_of(kernel), Error::not_64bit);
}

TEST(BzImage, HeaderMustReachTheFieldsOfItsProtocol) {
    SyntheticKernel kernel;
    for (u32 distance = 0; distance < 0x100; ++distance) {
        kernel.header.jump = static_cast<u16>(distance << 8 | 0xEB);
        EXPECT_EQ(error_of(kernel), 0x202 + distance < 0x264 ? Error::header_short : Error::none)
            << distance;
    }
}

TEST(BzImage, FieldsPastTheHeadersEndAreZero) {
    SyntheticKernel kernel;
    kernel.header.handover_offset = 0x1234;
    kernel.header.jump = 0x62EB; // ends at 0x264, before handover_offset
    auto file = kernel.file();
    auto image = parse_kernel(file);
    ASSERT_TRUE(image);
    EXPECT_EQ(+image->header.handover_offset, 0u);
    EXPECT_EQ(+image->header.init_size, 40 * mib);
}

TEST(BzImage, HostileSetupSectors) {
    SyntheticKernel kernel(4 * kib);
    kernel.header.setup_sects = 0; // means 4
    EXPECT_EQ(error_of(kernel), Error::none);
    for (u32 sectors = 5; sectors < 256; ++sectors) {
        kernel.header.setup_sects = static_cast<u8>(sectors);
        EXPECT_EQ(error_of(kernel), Error::truncated) << sectors;
    }
}

TEST(BzImage, HostileSizes) {
    SyntheticKernel kernel;
    kernel.header.syssize = ~u32{0};
    EXPECT_EQ(error_of(kernel), Error::truncated);
    kernel.header.syssize = 0x200 / 16; // ends where the entry point is
    EXPECT_EQ(error_of(kernel), Error::truncated);
    kernel = SyntheticKernel();
    kernel.header.payload_length += 1;
    EXPECT_EQ(error_of(kernel), Error::payload_bounds);
    kernel.header.payload_offset = ~u32{0};
    kernel.header.payload_length = ~u32{0};
    EXPECT_EQ(error_of(kernel), Error::payload_bounds);
}

TEST(BzImage, AlignmentIsAPowerOfTwoWhereItCounts) {
    SyntheticKernel kernel;
    for (u32 alignment : {0u, 3u, 0x300000u, ~0u}) {
        kernel.header.kernel_alignment = alignment;
        kernel.header.relocatable_kernel = 1;
        EXPECT_EQ(error_of(kernel), Error::alignment) << alignment;
        kernel.header.relocatable_kernel = 0;
        EXPECT_EQ(error_of(kernel), Error::none) << alignment;
    }
}

} // namespace
} // namespace cloison::core
