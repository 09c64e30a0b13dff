// SPDX-License-Identifier: Apache-2.0
// The reference that partitions are measured against: the first guest of a manifest, on the bare
// machine. Entered as the firmware is, it loads the guest's kernel by the same code, gives it the
// machine's own memory map and ACPI tables, and is gone.
#include "firmware/abi/manifest_view.hpp"
#include "firmware/abi/modules.hpp"
#include "firmware/abi/verify.hpp"
#include "firmware/core/boot/linux.hpp"
#include "firmware/x86/descriptors.hpp"
#include "firmware/x86/instructions.hpp"
#include "firmware/x86/log.hpp"
#include "firmware/x86/multiboot.hpp"
#include "firmware/x86/refusal.hpp"
#include "firmware/x86/serial.hpp"

#include <algorithm>
#include <array>

extern "C" {
[[noreturn]] void firmware_main(cloison::u32 magic, cloison::u64 information);
[[noreturn]] void enter_linux(const cloison::core::EntryState& entry);
}

namespace cloison::reference {

namespace {

using abi::Rule;

std::span<const u8> image(const x86::BootInformation& loader, u32 index) {
    if (index == abi::no_image)
        return {};
    auto module = loader.module(abi::module_image, index);
    if (!module)
        x86::refuse({Rule::image_missing});
    return *module;
}

Extent extent_of(std::span<const u8> bytes) {
    return {reinterpret_cast<u64>(bytes.data()), bytes.size()};
}

/// All memory below 4 GiB is at its own address.
u8* identity(void*, u64 address, u64) {
    return reinterpret_cast<u8*>(address);
}

void copy(u8* to, const u8* from, usize size) {
    x86::copy_memory(to, from, size);
}

core::EntryState load(const x86::BootInformation& loader, const abi::ManifestView& manifest) {
    const abi::PartitionRecord& guest = manifest.partitions[0];
    std::array<abi::MemoryMapEntry, 32> map{};
    usize entries = 0;
    for (const x86::MemoryRange& range : loader.memory_map())
        if (range.length != 0 && entries < map.size())
            map[entries++] = {{range.base, range.length}, range.type};
    auto kernel = image(loader, guest.kernel);
    auto initrd = image(loader, guest.initrd);
    // This loader, the manifest and the images must survive until the kernel runs; on this machine
    // they need not be where the layout's platform has its staging area. No ACPI root pointer is
    // passed: the kernel finds the BIOS's own.
    std::array keep_out{manifest.firmware, extent_of(manifest.bytes), extent_of(kernel),
                        extent_of(initrd)};
    auto entry = core::load_linux({nullptr, identity, copy},
                                  {kernel, initrd, manifest.bytes_of(guest.cmdline),
                                   std::span(map).first(entries), keep_out, 0});
    if (!entry)
        x86::refuse({entry.error()});
    return *entry;
}

} // namespace

[[noreturn]] static void boot(const x86::BootInformation& loader) {
    auto module = loader.module(abi::module_manifest);
    if (!module)
        x86::refuse({Rule::manifest_missing});
    if (auto verdict = abi::verify(*module); !verdict.ok())
        x86::refuse(verdict);
    auto manifest = *abi::open_manifest(*module);
    u64 begin = x86::rdtsc();
    auto entry = load(loader, manifest);
    {
        x86::LogLine line;
        line << "@started name=" << manifest.partitions[0].name << " tsc=" << x86::rdtsc()
             << " scrub=0 load=" << x86::rdtsc() - begin;
    }
    enter_linux(entry);
}

} // namespace cloison::reference

void firmware_main(cloison::u32 magic, cloison::u64 information) {
    using namespace cloison;
    u64 entered = x86::rdtsc();
    x86::initialise_idt();
    x86::serial.initialise(guest_map::com1);
    {
        x86::LogLine line;
        line << "@entry version=" << CLOISON_VERSION << " tsc=" << entered;
    }
    if (magic != x86::multiboot2_magic)
        x86::refuse({abi::Rule::boot_protocol});
    reference::boot(x86::BootInformation(information));
}
