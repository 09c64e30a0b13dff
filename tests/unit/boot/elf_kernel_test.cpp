// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/boot/elf_kernel.hpp"
#include "tests/unit/boot/synthetic_elf.hpp"

#include <gtest/gtest.h>

#include <set>

namespace cloison::core {
namespace {

using test::SyntheticElf;
using Error = KernelError;

Error error_of(const SyntheticElf& kernel) {
    return parse_kernel(kernel.file()).error();
}

/// The error after `spoil` changed a sound kernel.
template <typename Spoil>
Error after(Spoil spoil) {
    SyntheticElf kernel;
    spoil(kernel);
    return error_of(kernel);
}

TEST(ElfKernel, SoundOneIsTakenApart) {
    auto file = SyntheticElf().file();
    auto image = parse_kernel(file);
    ASSERT_TRUE(image);
    auto segments = image->segments();
    ASSERT_EQ(segments.size(), 3u);
    u64 offsets[] = {0, 0x4000, 0x5000}, in_file[] = {0x3000, 0x1000, 0x1800};
    u64 sizes[] = {0x3000, 0x1000, 0x8000}, from[] = {0x1000, 0x4000, 0x5000};
    for (usize i = 0; i < 3; ++i) {
        EXPECT_EQ(segments[i].offset, offsets[i]) << i;
        EXPECT_EQ(segments[i].bytes.data(), file.data() + from[i]) << i;
        EXPECT_EQ(segments[i].bytes.size(), in_file[i]) << i;
        EXPECT_EQ(segments[i].size, sizes[i]) << i;
    }
    EXPECT_EQ(image->entry, 0x100u);
    EXPECT_EQ(image->cmdline_max(), 2047u);
    EXPECT_EQ(image->shape.load_size, 0xD000u);
    EXPECT_EQ(image->shape.init_size, 0xD000u);
    EXPECT_EQ(image->shape.preferred, 16 * mib);
    EXPECT_FALSE(image->shape.relocatable);
    EXPECT_EQ(image->shape.initrd_max, 0x7FFFFFFFu);
}

TEST(ElfKernel, HasTheHeaderOfABzImage) {
    auto file = SyntheticElf().file();
    auto image = parse_kernel(file);
    ASSERT_TRUE(image);
    const setup_header& h = image->header;
    EXPECT_EQ(+h.boot_flag, 0xAA55);
    EXPECT_EQ(+h.header, 0x53726448u);
    EXPECT_GE(+h.version, 0x020C);
    EXPECT_EQ(+h.loadflags, LOADED_HIGH);
    EXPECT_EQ(+h.root_flags, 1) << "ro, unless the command line says rw";
    EXPECT_EQ(+h.xloadflags, XLF_KERNEL_64);
    EXPECT_EQ(+h.relocatable_kernel, 0);
    EXPECT_EQ(+h.kernel_alignment, 2 * mib);
    EXPECT_EQ(+h.pref_address, 16 * mib);
    EXPECT_EQ(+h.init_size, 0xD000u);
    EXPECT_EQ(+h.initrd_addr_max, 0x7FFFFFFFu);
}

TEST(ElfKernel, SegmentsMayComeInAnyOrder) {
    SyntheticElf kernel;
    std::swap(kernel.segments[0], kernel.segments[2]);
    auto file = kernel.file();
    auto image = parse_kernel(file);
    ASSERT_TRUE(image);
    EXPECT_EQ(image->shape.preferred, 16 * mib);
    EXPECT_EQ(image->shape.init_size, 0xD000u);
    EXPECT_EQ(image->segments()[0].offset, 0x5000u);
}

TEST(ElfKernel, EveryTruncationIsRefused) {
    auto file = SyntheticElf().file();
    for (usize size = 0; size < file.size(); ++size) {
        // A copy of its own, so that a read past the end is a heap overflow.
        std::vector<u8> part(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
        constexpr usize table_end = sizeof(Elf64_Ehdr) + 4 * sizeof(Elf64_Phdr);
        Error expected = size < sizeof(Elf64_Ehdr)                   ? Error::too_short
                         : size < table_end                          ? Error::truncated
                         : size < SyntheticElf::note_at + u64{0x100} ? Error::not_linux
                                                                     : Error::truncated;
        EXPECT_EQ(parse_kernel(part).error(), expected) << size;
    }
    EXPECT_TRUE(parse_kernel(file));
}

TEST(ElfKernel, OtherExecutablesAreRefused) {
    constexpr Error wrong = Error::not_executable;
    EXPECT_EQ(after([](auto& k) { k.header.e_ident[EI_CLASS] = ELFCLASS32; }), wrong);
    EXPECT_EQ(after([](auto& k) { k.header.e_ident[EI_DATA] = ELFDATA2MSB; }), wrong);
    EXPECT_EQ(after([](auto& k) { k.header.e_machine = EM_AARCH64; }), wrong);
    EXPECT_EQ(after([](auto& k) { k.header.e_type = ET_DYN; }), wrong);
    EXPECT_EQ(after([](auto& k) { k.header.e_phentsize += 1; }), wrong);
}

TEST(ElfKernel, OnlyLinuxIsALinuxKernel) {
    EXPECT_EQ(after([](auto& k) { k.note_owner[0] = 'l'; }), Error::not_linux);
    EXPECT_EQ(after([](auto& k) { k.note.n_namesz = 5; }), Error::not_linux);
    EXPECT_EQ(after([](auto& k) { k.note.n_namesz = ~0u; }), Error::not_linux);
    EXPECT_EQ(after([](auto& k) { k.segments[3].p_type = PT_NULL; }), Error::not_linux);
    // The owner's last letter would lie behind the end of the notes.
    EXPECT_EQ(after([](auto& k) { k.segments[3].p_filesz = 24 + 12 + 7; }), Error::not_linux);
    EXPECT_EQ(after([](auto& k) { k.segments[3].p_filesz = 24 + 12 + 8; }), Error::none);
    EXPECT_EQ(after([](auto& k) { k.segments[3].p_offset = ~u64{0}; }), Error::not_linux);
    EXPECT_EQ(after([](auto& k) { k.note.n_descsz = ~0u; }), Error::none) << "nobody reads it";
}

TEST(ElfKernel, HostileTables) {
    EXPECT_EQ(after([](auto& k) { k.header.e_phoff = ~u64{0}; }), Error::truncated);
    EXPECT_EQ(after([](auto& k) { k.header.e_phoff = ~u64{0} - 200; }), Error::truncated);
    EXPECT_EQ(after([](auto& k) { k.header.e_phnum = 0xFFFF; }), Error::truncated);
    SyntheticElf kernel;
    while (kernel.segments.size() < max_kernel_segments + 1)
        kernel.add(PT_LOAD, PF_R, 32 * mib + kernel.segments.size() * page_size, 1, 1);
    EXPECT_EQ(error_of(kernel), Error::none) << "one of them is the notes";
    kernel.add(PT_LOAD, PF_R, 48 * mib, 1, 1);
    EXPECT_EQ(error_of(kernel), Error::too_many_segments);
    kernel.segments.back().p_memsz = 0;
    EXPECT_EQ(error_of(kernel), Error::none) << "nothing to load";
}

TEST(ElfKernel, HostileSegments) {
    constexpr Error bounds = Error::segment_bounds, cut = Error::truncated;
    EXPECT_EQ(after([](auto& k) { k.segments[1].p_offset = ~u64{0}; }), cut);
    EXPECT_EQ(after([](auto& k) { k.segments[1].p_filesz = ~u64{0}; }), cut);
    EXPECT_EQ(after([](auto& k) { k.segments[1].p_memsz = 0xFFF; }), bounds);
    EXPECT_EQ(after([](auto& k) { k.segments[2].p_memsz = ~u64{0}; }), bounds);
    EXPECT_EQ(after([](auto& k) { k.segments[2].p_memsz = 4 * gib; }), bounds);
    EXPECT_EQ(after([](auto& k) { k.segments[2].p_paddr = ~u64{0} - 0x7FFF; }), bounds);
    EXPECT_EQ(after([](auto& k) { k.segments[2].p_paddr = 4 * gib - 0x7FFF; }), bounds);
    EXPECT_EQ(after([](auto& k) { k.segments[2].p_paddr = 4 * gib - 0x8000; }), Error::none);
    EXPECT_EQ(after([](auto& k) { k.segments[1].p_paddr -= 0x1001; }), Error::segment_overlap);
    EXPECT_EQ(after([](auto& k) { k.segments[1].p_paddr -= 0x1000; }), Error::none);
    EXPECT_EQ(after([](auto& k) { k.segments[2].p_paddr = 0; }), Error::none)
        << "0 is for place_linux() to refuse";
}

TEST(ElfKernel, EntryIsInCode) {
    constexpr Error outside = Error::entry_outside;
    EXPECT_EQ(after([](auto& k) { k.header.e_entry = 16 * mib - 1; }), outside);
    EXPECT_EQ(after([](auto& k) { k.header.e_entry = 16 * mib + 0x3000; }), outside);
    EXPECT_EQ(after([](auto& k) { k.header.e_entry = 16 * mib + 0x2FFF; }), Error::none);
    EXPECT_EQ(after([](auto& k) { k.header.e_entry = 16 * mib + 0x4000; }), outside) << "data";
    EXPECT_EQ(after([](auto& k) { k.header.e_entry = 16 * mib + 0x5000 + 0x1800; }), outside)
        << "behind the contents";
    EXPECT_EQ(after([](auto& k) { k.header.e_entry += 0xFFFFFFFF80000000; }), outside) << "virtual";
    EXPECT_EQ(after([](auto& k) {
                  for (auto& segment : k.segments)
                      segment.p_type = segment.p_type == PT_LOAD ? PT_NULL : segment.p_type;
              }),
              outside);
}

TEST(KernelError, ReasonsHaveTexts) {
    std::set<std::string> texts;
    for (u32 e = 0; e <= static_cast<u32>(Error::entry_outside); ++e)
        texts.insert(kernel_error_text(static_cast<Error>(e)));
    EXPECT_EQ(texts.size(), static_cast<u32>(Error::entry_outside) + 1);
    EXPECT_EQ(texts.count("unknown"), 0u);
}

} // namespace
} // namespace cloison::core
