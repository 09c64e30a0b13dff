// SPDX-License-Identifier: Apache-2.0
// Any bytes as the firmware's ELF file: the two readers must end, touch nothing outside, and agree
// that what one can load the other finds in the same place.
#include "partitions/run/elf_image.hpp"
#include "partitions/run/error.hpp"
#include "partitions/share/firmware_file.hpp"
#include "tests/fuzz/patches.hpp"

#include <cstdlib>
#include <cstring>
#include <elf.h>
#include <optional>

using namespace cloison;

namespace {

/// Code and an arena behind it, as the linker makes them.
std::vector<u8> sound_file() {
    std::vector<u8> bytes(0x3000);
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_machine = EM_X86_64;
    header.e_entry = 2 * mib;
    header.e_phoff = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = 2;
    std::memcpy(bytes.data(), &header, sizeof header);
    Elf64_Phdr code{}, arena{};
    code.p_type = arena.p_type = PT_LOAD;
    code.p_offset = 0x1000;
    code.p_paddr = 2 * mib;
    code.p_filesz = code.p_memsz = 0x2000;
    arena.p_paddr = 2 * mib + 0x2000;
    arena.p_memsz = 4 * mib - 0x2000;
    std::memcpy(bytes.data() + sizeof header, &code, sizeof code);
    std::memcpy(bytes.data() + sizeof header + sizeof code, &arena, sizeof arena);
    return bytes;
}

std::optional<run::FlatImage> flatten(std::span<const u8> bytes) {
    try {
        return run::flatten_elf(bytes);
    } catch (const run::RunError&) {
        return std::nullopt;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, usize size) {
    static const std::vector<u8> sound = sound_file();
    if (size == 0)
        return 0;
    std::span<const u8> input(data + 1, size - 1);
    std::vector<u8> bytes(input.begin(), input.end());
    if ((data[0] & 1) == 0) {
        bytes = sound;
        fuzz::apply_patches(bytes, input);
    }
    auto claims = parse_firmware_file(bytes);
    auto image = flatten(bytes);
    if (claims && image && claims->image.base != image->address)
        std::abort();
    return 0;
}
