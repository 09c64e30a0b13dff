// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/elf_image.hpp"

#include "partitions/run/error.hpp"

#include <cstring>
#include <elf.h>
#include <gtest/gtest.h>

namespace cloison::run {

namespace {

// An ELF file with the given segments; the contents of segment i are bytes of value i + 1.
std::vector<u8> make_elf(std::vector<Elf64_Phdr> segments, u64 entry) {
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_machine = EM_X86_64;
    header.e_entry = entry;
    header.e_phoff = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = static_cast<Elf64_Half>(segments.size());
    usize at = sizeof header + segments.size() * sizeof(Elf64_Phdr);
    std::vector<u8> file(at);
    for (usize i = 0; i < segments.size(); ++i) {
        segments[i].p_offset = file.size();
        file.resize(file.size() + segments[i].p_filesz, static_cast<u8>(i + 1));
    }
    std::memcpy(file.data(), &header, sizeof header);
    u8* entry_at = file.data() + sizeof header;
    for (const Elf64_Phdr& segment : segments) {
        std::memcpy(entry_at, &segment, sizeof segment);
        entry_at += sizeof segment;
    }
    return file;
}

Elf64_Phdr load(u64 address, u64 size) {
    Elf64_Phdr segment{};
    segment.p_type = PT_LOAD;
    segment.p_paddr = address;
    segment.p_filesz = size;
    segment.p_memsz = size;
    return segment;
}

TEST(ElfImage, SegmentsAreLaidOutWithTheGapsBetweenThem) {
    auto image = flatten_elf(make_elf({load(0x200000, 3), load(0x200005, 2)}, 0x200001));
    EXPECT_EQ(image.address, 0x200000u);
    EXPECT_EQ(image.entry, 0x200001u);
    EXPECT_EQ(image.bytes, (std::vector<u8>{1, 1, 1, 0, 0, 2, 2}));
}

TEST(ElfImage, SegmentsWithoutContentsTakeNoSpace) {
    Elf64_Phdr arena = load(0x400000, 0);
    arena.p_memsz = 0x200000;
    auto image = flatten_elf(make_elf({load(0x200000, 3), arena}, 0x200000));
    EXPECT_EQ(image.bytes.size(), 3u);
}

TEST(ElfImage, AnythingElseIsRefused) {
    EXPECT_THROW(flatten_elf(std::vector<u8>(10)), RunError);
    EXPECT_THROW(flatten_elf(std::vector<u8>(1000)), RunError);
    EXPECT_THROW(flatten_elf(make_elf({}, 0)), RunError);
    // Entry outside, too high, too large.
    EXPECT_THROW(flatten_elf(make_elf({load(0x200000, 3)}, 0x200003)), RunError);
    EXPECT_THROW(flatten_elf(make_elf({load(0xFFFFFFFF, 3)}, 0xFFFFFFFF)), RunError);
    EXPECT_THROW(flatten_elf(make_elf({load(0, 3), load(65 * mib, 1)}, 0)), RunError);
}

TEST(ElfImage, NoPrefixOfAFileIsTaken) {
    auto file = make_elf({load(0x200000, 30)}, 0x200000);
    for (usize size = 0; size < file.size(); ++size)
        EXPECT_THROW(flatten_elf(std::span(file).first(size)), RunError) << size;
    EXPECT_NO_THROW(flatten_elf(file));
}

TEST(ElfImage, OffsetsThatWrapAreRefused) {
    auto file = make_elf({load(0x200000, 30)}, 0x200000);
    Elf64_Phdr segment{};
    std::memcpy(&segment, file.data() + sizeof(Elf64_Ehdr), sizeof segment);
    segment.p_offset = ~u64{0} - 5;
    std::memcpy(file.data() + sizeof(Elf64_Ehdr), &segment, sizeof segment);
    EXPECT_THROW(flatten_elf(file), RunError);
}

} // namespace

} // namespace cloison::run
