// SPDX-License-Identifier: Apache-2.0
// Where a Linux kernel and its initrd go in a machine's memory, and whether they fit. One
// arithmetic for the planner, the verifier and the loader, so that what one of them promises the
// others keep.
//
// Facts from the Linux/x86 boot protocol: a relocatable kernel that is loaded below its preferred
// address moves itself there, so nothing below is worth trying; above, it wants its alignment. From
// where it then runs it needs init_size bytes before it looks at the memory map. An ELF file names
// the place of each segment, and has no other.
#pragma once

#include "firmware/abi/guest_map.hpp"
#include "firmware/abi/memory_map.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace cloison::abi {

/// What a kernel demands of its place.
struct LinuxShape {
    u64 load_size = 0;         // bytes that are loaded: a bzImage's protected-mode part, an ELF
                               // file's segments with what lies between them
    u64 init_size = 0;         // bytes it uses from its load address up
    u64 preferred = 0;         // load address it is linked for
    u64 alignment = page_size; // of any other load address; a power of two
    bool relocatable = false;
    u64 initrd_max = ~u64{0}; // last address that the initrd may occupy
};

/// Load addresses. `initrd` is 0 where there is none.
struct LinuxPlace {
    u64 kernel = 0;
    u64 initrd = 0;
};

/// Setup sectors are at most 255 and the boot sector.
inline constexpr u64 max_setup_size = u64{256} * 512;

/// The most modest kernel that a bzImage of `image_size` bytes can hold: where it does not fit,
/// no kernel of that size does.
constexpr LinuxShape least_shape(u64 image_size) {
    u64 code = image_size - std::min(image_size, max_setup_size);
    return {code, code, guest_map::high_memory, page_size, true, ~u64{0}};
}

/// The same of ELF files, whose size tells nothing: most of one may be for debuggers.
inline constexpr LinuxShape least_elf_shape{page_size, page_size, guest_map::high_memory,
                                            page_size, true,      ~u64{0}};

namespace detail {

inline constexpr u64 placement_end = 4 * gib; // the identity map that the kernel is entered with

/// The part of a RAM entry where images may go; empty for entries of other types.
constexpr Extent usable(const MemoryMapEntry& entry) {
    Extent e = entry.extent;
    if (entry.type != E820_RAM || !e.sane() || e.base >= placement_end)
        return {};
    u64 end = std::min(e.base + std::min(e.size, placement_end), placement_end);
    u64 base = std::max(e.base, guest_map::high_memory);
    return base < end ? Extent{base, end - base} : Extent{};
}

constexpr const Extent* find_overlap(std::span<const Extent> extents, const Extent& wanted) {
    for (const Extent& e : extents) {
        if (e.overlaps(wanted))
            return &e;
    }
    return nullptr;
}

/// Lowest multiple of `alignment` from `from` up with `size` usable bytes outside `keep_out`.
constexpr std::optional<u64> lowest_free(std::span<const MemoryMapEntry> map,
                                         std::span<const Extent> keep_out, u64 size, u64 from,
                                         u64 alignment) {
    std::optional<u64> best;
    if (from >= placement_end || alignment > placement_end)
        return best;
    for (const MemoryMapEntry& entry : map) {
        Extent ram = usable(entry);
        u64 at = round_up(std::max(ram.base, from), alignment);
        // Every overlap ends above `at`, so each step goes up, or wraps and leaves the RAM.
        while (ram.contains(Extent{at, size}) && (!best || at < *best)) {
            const Extent* obstacle = find_overlap(keep_out, {at, size});
            if (obstacle == nullptr)
                best = at;
            else
                at = round_up(obstacle->end(), alignment);
        }
    }
    return best;
}

/// Highest page with `size` usable bytes outside `keep_out` and `kernel`, none above `last`.
constexpr std::optional<u64> highest_free(std::span<const MemoryMapEntry> map,
                                          std::span<const Extent> keep_out, const Extent& kernel,
                                          u64 size, u64 last) {
    std::optional<u64> best;
    for (const MemoryMapEntry& entry : map) {
        Extent ram = usable(entry);
        u64 end = std::min(ram.end(), last < placement_end ? last + 1 : placement_end);
        while (end > ram.base && size <= end - ram.base) {
            Extent place{round_down(end - size, page_size), size};
            if (!ram.contains(place) || (best && place.base <= *best))
                break;
            const Extent* obstacle =
                kernel.overlaps(place) ? &kernel : find_overlap(keep_out, place);
            if (obstacle == nullptr)
                best = place.base;
            else
                end = obstacle->base;
        }
    }
    return best;
}

/// The pages below 1 MiB that the loader fills (guest_map::boot_gdt to boot_stack).
inline constexpr std::array boot_areas{
    Extent{guest_map::boot_gdt, guest_map::boot_page_tables + 6 * page_size - guest_map::boot_gdt},
    Extent{guest_map::boot_params, guest_map::boot_stack - guest_map::boot_params}};

constexpr bool boot_areas_free(std::span<const MemoryMapEntry> map,
                               std::span<const Extent> keep_out) {
    return std::all_of(boot_areas.begin(), boot_areas.end(), [&](const Extent& area) {
        auto holds = [&](const MemoryMapEntry& entry) {
            return entry.type == E820_RAM && entry.extent.contains(area);
        };
        return std::any_of(map.begin(), map.end(), holds) &&
               find_overlap(keep_out, area) == nullptr;
    });
}

} // namespace detail

/// Places a kernel and an initrd of `initrd_size` bytes (0: none) in the RAM of `map` below 4 GiB
/// and above 1 MiB, page aligned: the kernel at its preferred address or the next one that is free,
/// the initrd as high as it may go. `keep_out`: what a loader must not overwrite. nullopt: no room,
/// or no RAM at the loader's own places below 640 KiB.
constexpr std::optional<LinuxPlace> place_linux(const LinuxShape& shape, u64 initrd_size,
                                                std::span<const MemoryMapEntry> map,
                                                std::span<const Extent> keep_out = {}) {
    if (!detail::boot_areas_free(map, keep_out))
        return std::nullopt;
    u64 size = std::max({shape.init_size, shape.load_size, page_size});
    u64 alignment = shape.relocatable ? std::max(shape.alignment, page_size) : 1;
    auto kernel = detail::lowest_free(map, keep_out, size, shape.preferred, alignment);
    if (!kernel || (!shape.relocatable && *kernel != shape.preferred))
        return std::nullopt;
    if (initrd_size == 0)
        return LinuxPlace{*kernel, 0};
    auto initrd =
        detail::highest_free(map, keep_out, {*kernel, size}, initrd_size, shape.initrd_max);
    if (!initrd)
        return std::nullopt;
    return LinuxPlace{*kernel, *initrd};
}

} // namespace cloison::abi
