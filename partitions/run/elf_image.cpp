// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/elf_image.hpp"

#include "partitions/run/error.hpp"

#include <algorithm>
#include <cstring>
#include <elf.h>

namespace cloison::run {

namespace {

constexpr u64 largest_image = 64 * mib;

template <typename T>
T read_at(std::span<const u8> file, u64 offset) {
    if (offset > file.size() || file.size() - offset < sizeof(T))
        throw RunError("the firmware's ELF file ends too early");
    T value;
    std::memcpy(&value, file.data() + offset, sizeof value);
    return value;
}

std::vector<Elf64_Phdr> loadable_segments(std::span<const u8> file, const Elf64_Ehdr& header) {
    std::vector<Elf64_Phdr> segments;
    for (u64 i = 0; i < header.e_phnum; ++i) {
        auto segment = read_at<Elf64_Phdr>(file, header.e_phoff + i * sizeof(Elf64_Phdr));
        if (segment.p_type != PT_LOAD || segment.p_filesz == 0)
            continue;
        if (!Extent{0, file.size()}.contains(Extent{segment.p_offset, segment.p_filesz}))
            throw RunError("the firmware's ELF file ends too early");
        if (!Extent{0, 4 * gib}.contains(Extent{segment.p_paddr, segment.p_filesz}))
            throw RunError("the firmware's ELF file does not load below 4 GiB");
        segments.push_back(segment);
    }
    if (segments.empty())
        throw RunError("the firmware's ELF file has nothing to load");
    return segments;
}

} // namespace

FlatImage flatten_elf(std::span<const u8> file) {
    auto header = read_at<Elf64_Ehdr>(file, 0);
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
        header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64 ||
        header.e_phentsize != sizeof(Elf64_Phdr))
        throw RunError("the firmware is not a 64-bit x86 ELF file");

    auto segments = loadable_segments(file, header);
    u64 start = segments[0].p_paddr, end = 0;
    for (const auto& s : segments) {
        start = std::min(start, s.p_paddr);
        end = std::max(end, s.p_paddr + s.p_filesz);
    }
    if (end - start > largest_image || !Extent{start, end - start}.contains(header.e_entry))
        throw RunError("the firmware's ELF file is too large or has its entry point outside");

    FlatImage image{std::vector<u8>(end - start), static_cast<u32>(start),
                    static_cast<u32>(header.e_entry)};
    for (const auto& s : segments)
        std::memcpy(image.bytes.data() + (s.p_paddr - start), file.data() + s.p_offset, s.p_filesz);
    return image;
}

} // namespace cloison::run
