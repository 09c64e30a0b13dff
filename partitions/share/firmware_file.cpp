// SPDX-License-Identifier: Apache-2.0
#include "partitions/share/firmware_file.hpp"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <fstream>
#include <iterator>
#include <vector>

namespace cloison {

namespace {

/// The T at `offset`; none where the file ends before.
template <typename T>
std::optional<T> read_at(std::span<const u8> file, u64 offset) {
    if (offset > file.size() || file.size() - offset < sizeof(T))
        return std::nullopt;
    T value;
    std::memcpy(&value, file.data() + offset, sizeof value);
    return value;
}

bool is_firmware(const Elf64_Ehdr& header) {
    return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
           header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_machine == EM_X86_64 &&
           header.e_phentsize == sizeof(Elf64_Phdr) && header.e_phoff < gib;
}

} // namespace

std::optional<FirmwareFile> parse_firmware_file(std::span<const u8> file) {
    auto header = read_at<Elf64_Ehdr>(file, 0);
    if (!header || !is_firmware(*header))
        return std::nullopt;
    u64 base = ~u64{0}, end = 0, file_end = 0, arena_end = 0;
    for (u64 i = 0; i < header->e_phnum; ++i) {
        auto segment = read_at<Elf64_Phdr>(file, header->e_phoff + i * sizeof(Elf64_Phdr));
        if (!segment)
            return std::nullopt;
        Extent memory{segment->p_paddr, segment->p_memsz};
        if (segment->p_type != PT_LOAD)
            continue;
        if (!Extent{0, 4 * gib}.contains(memory) || segment->p_filesz > segment->p_memsz)
            return std::nullopt;
        arena_end = std::max(arena_end, memory.end());
        if (segment->p_filesz == 0) // the arena is the one segment without contents
            continue;
        base = std::min(base, memory.base);
        end = std::max(end, memory.end());
        file_end = std::max(file_end, memory.base + segment->p_filesz);
    }
    if (end <= base)
        return std::nullopt;
    return FirmwareFile{{base, end - base}, file_end - base, arena_end};
}

std::optional<FirmwareFile> read_firmware_file(const std::filesystem::path& share) {
    std::ifstream file(share / "firmware.elf", std::ios::binary);
    std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    return parse_firmware_file({reinterpret_cast<const u8*>(bytes.data()), bytes.size()});
}

} // namespace cloison
