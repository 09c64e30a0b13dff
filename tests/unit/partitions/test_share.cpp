// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/partitions/test_share.hpp"

#include <algorithm>
#include <asm/bootparam.h>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <elf.h>
#include <fstream>
#include <stdexcept>

namespace cloison::test {

namespace fs = std::filesystem;

namespace {

void write(const fs::path& path, const std::string& bytes) {
    std::ofstream file(path, std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!file.flush())
        throw std::runtime_error("cannot write " + path.string());
}

template <typename T>
void put(std::string& bytes, usize at, const T& value) {
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

/// A bzImage as far as its header goes (The Linux/x86 Boot Protocol); its code is zeroes.
std::string kernel(u32 cmdline_size) {
    constexpr usize sector = 512, setup = 5 * sector, code = 64 * kib;
    constexpr usize header_at = offsetof(boot_params, hdr);
    setup_header header{};
    header.setup_sects = 4;
    header.boot_flag = 0xAA55;
    header.syssize = code / 16;
    header.jump =
        static_cast<u16>(0xEB | (sizeof(setup_header) - offsetof(setup_header, jump) - 2) << 8);
    header.header = 0x53726448;
    header.version = 0x20F;
    header.loadflags = LOADED_HIGH;
    header.initrd_addr_max = 0x7FFFFFFF;
    header.kernel_alignment = 2 * mib;
    header.relocatable_kernel = 1;
    header.xloadflags = XLF_KERNEL_64;
    header.cmdline_size = cmdline_size;
    header.pref_address = TestShare::kernel_preferred;
    header.init_size = TestShare::kernel_init_size;
    std::string bytes(setup + code, '\0');
    put(bytes, header_at, header);
    return bytes;
}

/// A vmlinux as far as its headers go: code, zeroes behind it, and a note that `owner` left, which
/// is Linux or not.
std::string vmlinux(const std::string& owner) {
    constexpr u64 code = 64 * kib, contents = 0x1000, note_at = 0x200;
    std::string bytes(contents + code, '\0');
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_type = ET_EXEC;
    header.e_machine = EM_X86_64;
    header.e_entry = TestShare::kernel_preferred;
    header.e_phoff = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = 2;
    put(bytes, 0, header);
    Elf64_Phdr segments[] = {
        {PT_LOAD, PF_R | PF_X, contents, 0, TestShare::kernel_preferred, code,
         TestShare::kernel_init_size, page_size},
        {PT_NOTE, PF_R, note_at, 0, 0, sizeof(Elf64_Nhdr) + 8, sizeof(Elf64_Nhdr) + 8, 4}};
    put(bytes, sizeof header, segments);
    put(bytes, note_at, Elf64_Nhdr{static_cast<Elf64_Word>(owner.size() + 1), 0, 0x100});
    bytes.replace(note_at + sizeof(Elf64_Nhdr), owner.size(), owner);
    return bytes;
}

Elf64_Phdr segment(u64 address, u64 file_size, u64 memory_size) {
    Elf64_Phdr header{};
    header.p_type = PT_LOAD;
    header.p_offset = 0x1000;
    header.p_vaddr = header.p_paddr = address;
    header.p_filesz = file_size;
    header.p_memsz = memory_size;
    return header;
}

/// Code, data with zeroed data behind it, and the arena up to 6 MiB.
std::string firmware() {
    constexpr u64 base = 2 * mib, code = 0x9000, data = 0x1000;
    std::string bytes(0x1000 + code, '\0');
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_machine = EM_X86_64;
    header.e_type = ET_EXEC;
    header.e_entry = base;
    header.e_phoff = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = 3;
    put(bytes, 0, header);
    Elf64_Phdr segments[] = {
        segment(base, code, code), segment(base + code, data, TestShare::firmware_image - code),
        segment(base + TestShare::firmware_image, 0, 4 * mib - TestShare::firmware_image)};
    put(bytes, sizeof header, segments);
    return bytes;
}

} // namespace

TestShare::TestShare() {
    std::string name = (fs::temp_directory_path() / "cloison-share-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
        throw std::runtime_error("cannot make a temporary folder");
    path_ = name;
    fs::create_directories(guest(""));
    std::string vmlinuz = kernel(2047);
    write(path_ / "firmware.elf", firmware());
    write(guest("vmlinuz"), vmlinuz);
    write(guest("terse-vmlinuz"), kernel(255));
    write(guest("vmlinux"), vmlinux("Linux"));
    write(guest("program"), vmlinux("GNU"));
    write(guest("truncated"), vmlinuz.substr(0, vmlinuz.size() / 2));
    write(guest("text"), std::string(10000, 'x'));
    write(guest("initrd"), std::string(initrd_size, 'i'));
    write(guest("same-initrd"), std::string(initrd_size, 'i'));
    write(guest("large-initrd"), "");
    fs::resize_file(guest("large-initrd"), large_initrd_size);
    write(guest("empty"), "");
    setenv("CLOISON_SHARE", path_.c_str(), 1);
}

TestShare::~TestShare() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
    unsetenv("CLOISON_SHARE");
}

fs::path samples() {
    return fs::path(CLOISON_SAMPLES);
}

} // namespace cloison::test
