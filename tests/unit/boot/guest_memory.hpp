// SPDX-License-Identifier: Apache-2.0
// Guest memory for the loader's tests: 2 MiB pages that come into being when touched, and a record
// of every rule of MemoryWindow that is broken.
#pragma once

#include "firmware/abi/memory_map.hpp"
#include "firmware/core/boot/memory_window.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <vector>

namespace cloison::test {

class GuestMemory {
  public:
    explicit GuestMemory(std::vector<Extent> ram) : ram_(std::move(ram)) {}

    core::MemoryWindow window() {
        return {this,
                [](void* context, u64 guest, u64 size) {
                    return static_cast<GuestMemory*>(context)->at(guest, size);
                },
                [](u8* to, const u8* from, usize size) { std::memcpy(to, from, size); }};
    }

    /// The bytes there; zeroes where nothing was written.
    std::vector<u8> read(u64 guest, u64 size) {
        std::vector<u8> bytes(size);
        for (u64 i = 0; i < size; ++i)
            bytes[i] = byte(guest + i);
        return bytes;
    }
    template <typename T>
    T read(u64 guest) {
        T value;
        auto bytes = read(guest, sizeof value);
        std::memcpy(&value, bytes.data(), sizeof value);
        return value;
    }

  private:
    u8* at(u64 guest, u64 size) {
        EXPECT_GT(size, 0u);
        EXPECT_EQ(guest / large_page_size, (guest + size - 1) / large_page_size)
            << "one request for two pages";
        for (const Extent& e : ram_) {
            if (e.contains(Extent{guest, size}))
                return page(guest).data() + guest % large_page_size;
        }
        return nullptr;
    }
    std::vector<u8>& page(u64 guest) {
        auto& bytes = pages_[guest / large_page_size];
        bytes.resize(large_page_size);
        return bytes;
    }
    [[nodiscard]] u8 byte(u64 guest) const {
        auto found = pages_.find(guest / large_page_size);
        return found == pages_.end() ? u8{0} : found->second[guest % large_page_size];
    }

    std::vector<Extent> ram_;
    std::map<u64, std::vector<u8>> pages_;
};

} // namespace cloison::test
