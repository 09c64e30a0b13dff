// SPDX-License-Identifier: Apache-2.0
// Kernel images from nowhere and sound ones with changes, loaded into a small partition. The loader
// may refuse; it may not touch anything but RAM, nor let what it places overlap.
#include "firmware/core/boot/bzimage.hpp"
#include "firmware/core/boot/linux.hpp"
#include "tests/fuzz/patches.hpp"
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

std::vector<u8> image(std::span<const u8> input, bool raw) {
    if (raw)
        return {input.begin(), input.end()};
    test::SyntheticKernel kernel(8 * kib);
    kernel.header.pref_address = 2 * mib;
    kernel.header.init_size = 2 * mib;
    auto bytes = kernel.file();
    // Only the header is worth changing.
    std::vector<u8> head(bytes.begin(), bytes.begin() + 1 * kib);
    fuzz::apply_patches(head, input);
    std::copy(head.begin(), head.end(), bytes.begin());
    return bytes;
}

void check(const core::EntryState& entry, const core::BzImage& kernel, usize initrd_size) {
    boot_params params;
    std::memcpy(&params, memory().data() + entry.rsi, sizeof params);
    Extent code{entry.rip - core::BzImage::entry64,
                std::max<u64>(kernel.header().init_size, kernel.code().size())};
    Extent initrd{params.hdr.ramdisk_image, initrd_size};
    require(Extent{1 * mib, memory_size - 1 * mib}.contains(code), "the kernel is in RAM");
    require(!code.overlaps(initrd), "kernel and initrd are apart");
    require(params.hdr.ramdisk_size == initrd_size, "the kernel is told the initrd's size");
    require(initrd_size == 0 || initrd.end() - 1 <= kernel.header().initrd_addr_max,
            "the initrd is where the kernel reaches it");
    require(std::equal(kernel.code().begin(), kernel.code().end(),
                       memory().begin() + static_cast<std::ptrdiff_t>(code.base)),
            "the code is there");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, usize size) {
    if (size < 2)
        return 0;
    auto file = image({data + 2, size - 2}, (data[0] & 1) != 0);
    std::vector<u8> initrd(data[1] * (8 * kib));
    const abi::MemoryMapEntry map[] = {{{0, guest_map::vga_hole}, E820_RAM},
                                       {{1 * mib, memory_size - 1 * mib}, E820_RAM}};
    auto entry = core::load_linux({nullptr, at, copy}, {.kernel = file,
                                                        .initrd = initrd,
                                                        .cmdline = {},
                                                        .memory = map,
                                                        .keep_out = {},
                                                        .rsdp = 0});
    auto kernel = core::BzImage::parse(file);
    require(!entry || kernel, "only what parses is loaded");
    if (entry)
        check(*entry, *kernel, initrd.size());
    return 0;
}
