// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/boot/elf_kernel.hpp"

#include "firmware/core/boot/linux_header.hpp"

#include <algorithm>
#include <cstring>
#include <linux/elf.h>

namespace cloison::core {

namespace {

constexpr Extent addressable{0, 4 * gib};   // the identity map that the kernel is entered with
constexpr u32 initrd_addr_max = 0x7FFFFFFF; // as the 64-bit kernel's own bzImage has it
constexpr u32 kernel_alignment = 2 * mib;   // of the pages that the kernel maps itself with
constexpr u16 root_read_only = 1;           // as a bzImage's: no "rw" means "ro"
constexpr u64 note_alignment = 4;
constexpr char note_owner[] = "Linux";

bool within(std::span<const u8> file, u64 offset, u64 size) {
    return Extent{0, file.size()}.contains(Extent{offset, size});
}

/// A structure of the file, at a place that was checked.
template <typename T>
T read_at(std::span<const u8> file, u64 offset) {
    T value;
    std::memcpy(&value, file.data() + offset, sizeof value);
    return value;
}

bool is_x86_executable(const Elf64_Ehdr& header) {
    return header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_ident[EI_DATA] == ELFDATA2LSB &&
           header.e_type == ET_EXEC && header.e_machine == EM_X86_64 &&
           header.e_phentsize == sizeof(Elf64_Phdr);
}

/// Whether there is a note of Linux's among `notes`.
bool has_linux_note(std::span<const u8> notes) {
    while (notes.size() >= sizeof(Elf64_Nhdr)) {
        auto note = read_at<Elf64_Nhdr>(notes, 0);
        u64 description = sizeof note + round_up(note.n_namesz, note_alignment);
        u64 next = description + round_up(note.n_descsz, note_alignment);
        if (note.n_namesz == sizeof note_owner && description <= notes.size() &&
            std::memcmp(notes.data() + sizeof note, note_owner, sizeof note_owner) == 0)
            return true;
        notes = notes.subspan(std::min<u64>(next, notes.size()));
    }
    return false;
}

/// The program headers of a sound table.
class ProgramHeaders {
  public:
    ProgramHeaders(std::span<const u8> file, const Elf64_Ehdr& header)
        : file_(file),
          table_(header.e_phoff),
          count_(header.e_phnum) {}

    [[nodiscard]] u32 count() const { return count_; }
    [[nodiscard]] Elf64_Phdr operator[](u32 i) const {
        return read_at<Elf64_Phdr>(file_, table_ + i * sizeof(Elf64_Phdr));
    }

  private:
    std::span<const u8> file_;
    u64 table_;
    u32 count_;
};

/// Only the first segment of notes counts, since Linux has one; to search many that overlap could
/// take for ever.
bool is_linux(std::span<const u8> file, const ProgramHeaders& headers) {
    for (u32 i = 0; i < headers.count(); ++i) {
        Elf64_Phdr header = headers[i];
        if (header.p_type == PT_NOTE)
            return within(file, header.p_offset, header.p_filesz) &&
                   has_linux_note(file.subspan(header.p_offset, header.p_filesz));
    }
    return false;
}

/// What is being read: addresses are physical until all segments are known.
struct Reading {
    KernelImage image;
    Extent memory;       // from the first segment to the end of the last
    bool enters = false; // the entry point lies in code
};

KernelError add_segment(std::span<const u8> file, const Elf64_Phdr& header, u64 entry,
                        Reading& reading) {
    KernelImage& image = reading.image;
    Extent memory{header.p_paddr, header.p_memsz};
    if (!within(file, header.p_offset, header.p_filesz))
        return KernelError::truncated;
    if (header.p_filesz > header.p_memsz || !addressable.contains(memory))
        return KernelError::segment_bounds;
    for (const KernelSegment& other : image.segments())
        if (memory.overlaps({other.offset, other.size}))
            return KernelError::segment_overlap;
    if (image.count == max_kernel_segments)
        return KernelError::too_many_segments;
    auto bytes = file.subspan(header.p_offset, header.p_filesz);
    image.table[image.count++] = {memory.base, bytes, memory.size};
    Extent code{memory.base, bytes.size()};
    reading.enters = reading.enters || ((header.p_flags & PF_X) != 0 && code.contains(entry));
    u64 base = image.count == 1 ? memory.base : std::min(reading.memory.base, memory.base);
    reading.memory = {base, std::max(reading.memory.end(), memory.end()) - base};
    return KernelError::none;
}

/// The header that boot_params has for a kernel without one.
setup_header header_for(const Extent& memory) {
    setup_header h{};
    h.boot_flag = setup_boot_flag;
    h.header = setup_magic;
    h.version = protocol_2_12;
    h.root_flags = root_read_only;
    h.loadflags = LOADED_HIGH;
    h.initrd_addr_max = initrd_addr_max;
    h.kernel_alignment = kernel_alignment;
    h.xloadflags = XLF_KERNEL_64;
    h.cmdline_size = elf_cmdline_max;
    h.pref_address = memory.base;
    h.init_size = static_cast<u32>(memory.size);
    return h;
}

} // namespace

Result<KernelImage, KernelError> parse_elf_kernel(std::span<const u8> file) {
    if (file.size() < sizeof(Elf64_Ehdr))
        return KernelError::too_short;
    auto header = read_at<Elf64_Ehdr>(file, 0);
    if (!is_x86_executable(header))
        return KernelError::not_executable;
    if (!within(file, header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr)))
        return KernelError::truncated;
    ProgramHeaders headers(file, header);
    if (!is_linux(file, headers))
        return KernelError::not_linux;
    Reading reading;
    for (u32 i = 0; i < headers.count(); ++i) {
        Elf64_Phdr segment = headers[i];
        if (segment.p_type != PT_LOAD || segment.p_memsz == 0)
            continue;
        KernelError error = add_segment(file, segment, header.e_entry, reading);
        if (error != KernelError::none)
            return error;
    }
    if (!reading.enters)
        return KernelError::entry_outside;

    KernelImage& image = reading.image;
    const Extent& memory = reading.memory;
    for (KernelSegment& segment : std::span(image.table).first(image.count))
        segment.offset -= memory.base;
    image.header = header_for(memory);
    image.shape = {.load_size = memory.size,
                   .init_size = memory.size,
                   .preferred = memory.base,
                   .alignment = page_size,
                   .relocatable = false,
                   .initrd_max = initrd_addr_max};
    image.entry = header.e_entry - memory.base;
    return image;
}

} // namespace cloison::core
