// SPDX-License-Identifier: Apache-2.0
// A vmlinux with nothing in it but what a loader looks at, each field to be spoilt at will.
#pragma once

#include "firmware/abi/types.hpp"

#include <cstring>
#include <elf.h>
#include <string>
#include <vector>

namespace cloison::test {

struct SyntheticElf {
    Elf64_Ehdr header{};
    std::vector<Elf64_Phdr> segments;
    Elf64_Nhdr note{};
    std::string note_owner = std::string("Linux", 6);
    usize size = 0; // of the file

    static constexpr usize note_at = 0x800, contents_at = 0x1000;

    /// Segments as Linux's linker lays them out: code at `base`, data a page behind it, a segment
    /// that ends in zeroes, and the notes, which lie in the code.
    explicit SyntheticElf(u64 base = 16 * mib) {
        std::memcpy(header.e_ident, ELFMAG, SELFMAG);
        header.e_ident[EI_CLASS] = ELFCLASS64;
        header.e_ident[EI_DATA] = ELFDATA2LSB;
        header.e_ident[EI_VERSION] = EV_CURRENT;
        header.e_type = ET_EXEC;
        header.e_machine = EM_X86_64;
        header.e_version = EV_CURRENT;
        header.e_entry = base + 0x100;
        header.e_phoff = sizeof header;
        header.e_ehsize = sizeof header;
        header.e_phentsize = sizeof(Elf64_Phdr);
        add(PT_LOAD, PF_R | PF_X, base, 0x3000, 0x3000);
        add(PT_LOAD, PF_R | PF_W, base + 0x4000, 0x1000, 0x1000);
        add(PT_LOAD, PF_R | PF_W | PF_X, base + 0x5000, 0x1800, 0x8000);
        segments.push_back(Elf64_Phdr{PT_NOTE, PF_R, note_at, 0, 0, 0x100, 0x100, 4});
        note = {static_cast<Elf64_Word>(note_owner.size()), 4, 0x100};
    }

    void add(u32 type, u32 flags, u64 address, u64 in_file, u64 in_memory) {
        u64 offset = contents_at + size;
        segments.push_back(Elf64_Phdr{type, flags, offset, 0xFFFFFFFF80000000 + address, address,
                                      in_file, in_memory, 2 * mib});
        size += in_file;
    }

    /// The file; its contents are a pattern that differs from page to page.
    [[nodiscard]] std::vector<u8> file() const {
        std::vector<u8> bytes(contents_at + size);
        for (usize i = contents_at; i < bytes.size(); ++i)
            bytes[i] = pattern(i);
        Elf64_Ehdr counted = header;
        if (counted.e_phnum == 0)
            counted.e_phnum = static_cast<Elf64_Half>(segments.size());
        std::memcpy(bytes.data(), &counted, sizeof counted);
        std::memcpy(bytes.data() + sizeof counted, segments.data(),
                    segments.size() * sizeof(Elf64_Phdr));
        // A note of somebody else's comes first, its owner of a length that is padded.
        Elf64_Nhdr other{4, 5, 3};
        u8* at = bytes.data() + note_at;
        std::memcpy(at, &other, sizeof other);
        std::memcpy(at + sizeof other, "GNU", 4);
        at += sizeof other + 4 + 8;
        std::memcpy(at, &note, sizeof note);
        std::memcpy(at + sizeof note, note_owner.data(), note_owner.size());
        return bytes;
    }

    static u8 pattern(usize i) { return static_cast<u8>(i * 7 + i / 4096 + 1); }
};

} // namespace cloison::test
