// SPDX-License-Identifier: Apache-2.0
// Kernel images from nowhere and sound ones with changes, loaded into a small partition. The loader
// may refuse; it may not touch anything but RAM, nor let what it places overlap.
#include "firmware/core/boot/kernel_image.hpp"
#include "firmware/core/boot/linux.hpp"
#include "tests/fuzz/patches.hpp"
#include "tests/unit/boot/synthetic_elf.hpp"
#include "tests/unit/boot/synthetic_kernel.hpp"

#include <cstdio>
#include <cstdlib>

using namespace cloison;

namespace {

constexpr u64 memory_size = 6 * mib;

void require(bool condition, const char* what) {
    if (!condition) {
        std::fprintf(stderr, "violated: %s\n", what);
        std::abort();
    }
}

std::vector<u8>& memory() {
    static std::vector<u8> bytes(memory_size);
    return bytes;
}

u8* at(void*, u64 guest, u64 size) {
    require(size > 0 && guest / large_page_size == (guest + size - 1) / large_page_size,
            "a request inside one page");
    Extent wanted{guest, size};
    require(Extent{0, guest_map::vga_hole}.contains(wanted) ||
                Extent{1 * mib, memory_size - 1 * mib}.contains(wanted),
            "a request for RAM");
    return memory().data() + guest;
}

void copy(u8* to, const u8* from, usize size) {
    std::memcpy(to, from, size);
}

std::vector<u8> sound_bzimage() {
    test::SyntheticKernel kernel(8 * kib);
    kernel.header.pref_address = 2 * mib;
    kernel.header.init_size = 2 * mib;
    return kernel.file();
}

/// What the first byte of the input asks for: the input itself, or a sound file with changes to its
/// head, as only headers are worth changing.
std::vector<u8> image(u8 choice, std::span<const u8> input) {
    if ((choice & 1) != 0)
        return {input.begin(), input.end()};
    bool elf = (choice & 2) != 0;
    auto bytes = elf ? test::SyntheticElf(2 * mib).file() : sound_bzimage();
    std::vector<u8> head(bytes.begin(), bytes.begin() + (elf ? 4 * kib : 1 * kib));
    fuzz::apply_patches(head, input);
    std::copy(head.begin(), head.end(), bytes.begin());
    return bytes;
}

std::span<const u8> loaded(u64 address, u64 size) {
    return std::span<const u8>(memory()).subspan(address, size);
}

/// Its contents are there, and zeroes behind them. Apart from others, so nothing overwrote it.
void check_segment(const core::KernelSegment& segment, const Extent& kernel) {
    require(Extent{0, kernel.size}.contains(Extent{segment.offset, segment.size}),
            "a segment is inside the kernel");
    auto there = loaded(kernel.base + segment.offset, segment.size);
    auto contents = there.first(segment.bytes.size());
    require(contents.empty() ||
                std::memcmp(segment.bytes.data(), contents.data(), contents.size()) == 0,
            "the contents are there");
    auto rest = there.subspan(contents.size());
    require(std::all_of(rest.begin(), rest.end(), [](u8 byte) { return byte == 0; }),
            "zeroes are behind them");
}

void check(const core::EntryState& entry, const core::KernelImage& kernel, usize initrd_size) {
    boot_params params;
    std::memcpy(&params, memory().data() + entry.rsi, sizeof params);
    Extent code{entry.rip - kernel.entry, std::max(kernel.shape.init_size, kernel.shape.load_size)};
    Extent initrd{params.hdr.ramdisk_image, initrd_size};
    require(Extent{1 * mib, memory_size - 1 * mib}.contains(code), "the kernel is in RAM");
    require(!code.overlaps(initrd), "kernel and initrd are apart");
    for (const core::KernelSegment& segment : kernel.segments())
        check_segment(segment, code);
    require(params.hdr.ramdisk_size == initrd_size, "the kernel is told the initrd's size");
    require(initrd_size == 0 || initrd.end() - 1 <= kernel.shape.initrd_max,
            "the initrd is where the kernel reaches it");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, usize size) {
    if (size < 2)
        return 0;
    auto file = image(data[0], {data + 2, size - 2});
    std::vector<u8> initrd(data[1] * (8 * kib));
    // What was there before, where sound kernels go.
    std::memset(memory().data() + 2 * mib, 0xEE, 64 * kib);
    const abi::MemoryMapEntry map[] = {{{0, guest_map::vga_hole}, E820_RAM},
                                       {{1 * mib, memory_size - 1 * mib}, E820_RAM}};
    auto entry = core::load_linux({nullptr, at, copy}, {.kernel = file,
                                                        .initrd = initrd,
                                                        .cmdline = {},
                                                        .memory = map,
                                                        .keep_out = {},
                                                        .rsdp = 0});
    auto kernel = core::parse_kernel(file);
    require(!entry || kernel, "only what parses is loaded");
    if (entry)
        check(*entry, *kernel, initrd.size());
    return 0;
}
