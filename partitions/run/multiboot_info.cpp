// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/multiboot_info.hpp"

namespace cloison::run {

namespace {

enum Tag : u32 { tag_end = 0, tag_module = 3, tag_memory_map = 6 };
constexpr u32 map_entry_size = 24;

class Writer {
  public:
    Writer() { put(0), put(0); } // total size, to be filled in; reserved

    void put(u32 value) {
        for (u32 shift = 0; shift < 32; shift += 8)
            bytes_.push_back(static_cast<u8>(value >> shift));
    }

    void begin(Tag type) {
        tag_ = bytes_.size();
        put(type), put(0);
    }

    // A tag's size leaves out the padding behind it.
    void end() {
        patch(tag_ + 4, bytes_.size() - tag_);
        bytes_.resize(round_up(bytes_.size(), 8));
    }

    void put(const std::string& text) {
        bytes_.insert(bytes_.end(), text.begin(), text.end());
        bytes_.push_back(0);
    }

    void skip(usize size) { bytes_.resize(bytes_.size() + size); }

    [[nodiscard]] u32 size() const { return static_cast<u32>(bytes_.size()); }

    [[nodiscard]] std::vector<u8> finish() {
        begin(tag_end);
        end();
        patch(0, bytes_.size());
        return std::move(bytes_);
    }

  private:
    void patch(usize at, usize value) {
        for (usize i = 0; i < 4; ++i)
            bytes_[at + i] = static_cast<u8>(value >> (8 * i));
    }

    std::vector<u8> bytes_;
    usize tag_ = 0;
};

} // namespace

MultibootInfo make_multiboot_info(std::span<const PlacedModule> modules, u32 map_entries) {
    Writer writer;
    for (const PlacedModule& module : modules) {
        writer.begin(tag_module);
        writer.put(module.start), writer.put(module.end);
        writer.put(module.command_line);
        writer.end();
    }
    u32 map = writer.size();
    writer.begin(tag_memory_map);
    writer.put(map_entry_size), writer.put(0);
    writer.skip(usize{map_entries} * map_entry_size);
    writer.end();
    return {writer.finish(), map};
}

} // namespace cloison::run
