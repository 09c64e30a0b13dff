// SPDX-License-Identifier: Apache-2.0
#include "firmware/x86/multiboot.hpp"

#include "firmware/x86/instructions.hpp"

namespace cloison::x86 {

namespace {

enum TagType : u32 {
    tag_end = 0,
    tag_module = 3,
    tag_memory_map = 6,
    tag_acpi_old = 14,
    tag_acpi_new = 15
};

struct ModuleTag {
    u32 type, size, start, end;
    char command_line[];
};

struct MemoryMapTag {
    u32 type, size, entry_size, entry_version;
    MemoryRange entries[];
};

std::string_view command_line(const ModuleTag& tag) {
    usize room = tag.size - sizeof(ModuleTag);
    usize length = 0;
    while (length < room && tag.command_line[length] != 0)
        ++length;
    return {tag.command_line, length};
}

bool is_numbered(std::string_view text, std::string_view prefix, u32 number) {
    if (!text.starts_with(prefix) || text.size() == prefix.size())
        return false;
    u64 value = 0;
    for (char c : text.substr(prefix.size())) {
        if (c < '0' || c > '9' || value > number)
            return false;
        value = value * 10 + static_cast<u64>(c - '0');
    }
    return value == number;
}

std::span<const u8> contents(const ModuleTag& tag) {
    return {reinterpret_cast<const u8*>(u64{tag.start}),
            tag.end > tag.start ? tag.end - tag.start : 0};
}

Extent extent_of(const ModuleTag& tag) {
    return {tag.start, contents(tag).size()};
}

} // namespace

template <typename F>
const BootInformation::Tag* BootInformation::find(u32 type, F&& wanted) const {
    u64 end = address_ + *reinterpret_cast<const u32*>(address_);
    for (u64 at = address_ + 8; at + sizeof(Tag) <= end;) {
        const auto* tag = reinterpret_cast<const Tag*>(at);
        if (tag->type == tag_end || tag->size < sizeof(Tag) || tag->size > end - at)
            return nullptr;
        if (tag->type == type && wanted(tag))
            return tag;
        at += round_up(tag->size, 8);
    }
    return nullptr;
}

std::optional<std::span<const u8>> BootInformation::module(std::string_view name) const {
    const Tag* tag = find(tag_module, [&](const Tag* t) {
        return command_line(*reinterpret_cast<const ModuleTag*>(t)) == name;
    });
    if (tag == nullptr)
        return std::nullopt;
    return contents(*reinterpret_cast<const ModuleTag*>(tag));
}

std::optional<std::span<const u8>> BootInformation::module(std::string_view prefix,
                                                           u32 number) const {
    const Tag* tag = find(tag_module, [&](const Tag* t) {
        return is_numbered(command_line(*reinterpret_cast<const ModuleTag*>(t)), prefix, number);
    });
    if (tag == nullptr)
        return std::nullopt;
    return contents(*reinterpret_cast<const ModuleTag*>(tag));
}

std::optional<u64> BootInformation::free_place(const Extent& area, u64 size) const {
    Extent place{round_up(area.base, page_size), size};
    Extent self{address_, *reinterpret_cast<const u32*>(address_)};
    while (area.contains(place)) {
        // The end of whatever is in the way is the next place to look at; it only ever goes up.
        u64 obstacle = self.overlaps(place) ? self.end() : 0;
        find(tag_module, [&](const Tag* t) {
            Extent module = extent_of(*reinterpret_cast<const ModuleTag*>(t));
            if (module.overlaps(place))
                obstacle = module.end();
            return false;
        });
        if (obstacle == 0)
            return place.base;
        place.base = round_up(obstacle, page_size);
    }
    return std::nullopt;
}

bool BootInformation::gather_modules(const Extent& area) {
    auto stranded = [&](const Tag* t) {
        return !area.contains(extent_of(*reinterpret_cast<const ModuleTag*>(t)));
    };
    while (const Tag* found = find(tag_module, stranded)) {
        // The structure is the loader's and in RAM: its module now is somewhere else.
        auto& tag = *const_cast<ModuleTag*>(reinterpret_cast<const ModuleTag*>(found));
        auto bytes = contents(tag);
        auto place = free_place(area, bytes.size());
        if (!place || *place + bytes.size() > ~u32{0})
            return false;
        copy_memory(reinterpret_cast<void*>(*place), bytes.data(), bytes.size());
        tag.start = static_cast<u32>(*place);
        tag.end = static_cast<u32>(*place + bytes.size());
    }
    return true;
}

std::span<const MemoryRange> BootInformation::memory_map() const {
    const auto* tag = reinterpret_cast<const MemoryMapTag*>(
        find(tag_memory_map, [](const Tag*) { return true; }));
    if (tag == nullptr || tag->entry_size != sizeof(MemoryRange))
        return {};
    return {tag->entries, (tag->size - sizeof(MemoryMapTag)) / sizeof(MemoryRange)};
}

const u8* BootInformation::rsdp() const {
    for (u32 type : {tag_acpi_new, tag_acpi_old})
        if (const Tag* tag = find(type, [](const Tag*) { return true; }))
            return reinterpret_cast<const u8*>(tag) + sizeof(Tag);
    return nullptr;
}

} // namespace cloison::x86
