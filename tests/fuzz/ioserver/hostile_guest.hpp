// SPDX-License-Identifier: Apache-2.0
// A guest made of the fuzzer's input: memory in two pieces that end where AddressSanitizer watches,
// and a driver that writes whatever it likes, yet often enough what a device takes for a request.
#pragma once

#include "ioserver/devices/queue/queue.hpp"
#include "tests/fuzz/input.hpp"

#include <cstdlib>
#include <cstring>
#include <memory>

namespace cloison::io {

using fuzz::Input;

/// The fuzzer's way to say that a promise was broken.
inline void demand(bool promise) {
    if (!promise)
        std::abort();
}

class HostileGuest {
  public:
    static constexpr u16 queue_size = 8;
    static constexpr u64 low = 0x1000, low_size = 0x800, high = 0x10'0000, high_size = 0x400;

    HostileGuest() : low_bytes_(new u8[low_size]()), high_bytes_(new u8[high_size]()) {
        demand(memory_.add(low, {low_bytes_.get(), low_size}));
        demand(memory_.add(high, {high_bytes_.get(), high_size}));
    }

    [[nodiscard]] const GuestRegions& memory() const { return memory_; }
    [[nodiscard]] QueueLayout layout(u32 queue) const {
        u64 base = low + u64{0x200} * queue;
        return {queue_size, base, base + 0x80, base + 0xA0};
    }
    /// Whether all of it is the guest's memory: judged by addresses here, not as the devices do.
    [[nodiscard]] bool owns(const Segment& segment) const {
        auto inside = [&](const std::unique_ptr<u8[]>& bytes, u64 size) {
            std::less_equal<const u8*> le;
            return le(bytes.get(), segment.data) && le(segment.data, bytes.get() + size) &&
                   segment.size <= static_cast<u64>(bytes.get() + size - segment.data);
        };
        return segment.size > 0 && (inside(low_bytes_, low_size) || inside(high_bytes_, high_size));
    }

    /// One thing that the driver of `queue` does.
    void act(Input& input, u32 queue) {
        switch (input.below(6)) {
        case 0: // anything anywhere
            write_anything(input);
            break;
        case 1:
        case 2: // a descriptor that might do
            write_descriptor(input, layout(queue).descriptors, queue_size);
            break;
        case 3: // an indirect table
            write_descriptor(input, high + 16u * input.below(4), 16);
            break;
        case 4: // the next available entry
            offer(queue, static_cast<u16>(input.below(queue_size + 1)));
            break;
        case 5:
            store<u16>(at(layout(queue).available), input.word());
            break;
        }
    }
    void offer(u32 queue, u16 head) {
        QueueLayout ring = layout(queue);
        u16 index = load<u16>(at(ring.available + 2));
        store<u16>(at(ring.available + 4 + 2u * (index % queue_size)), head);
        store<u16>(at(ring.available + 2), wrap16(index + 1u));
    }
    [[nodiscard]] u8* at(u64 address) { return memory_.at(address, 1).data(); }

  private:
    u64 some_address(Input& input) {
        u64 offset = input.word();
        switch (input.below(8)) {
        case 0:
            return input.bits();
        case 1:
        case 2:
            return high + offset % high_size;
        default:
            return low + offset % low_size;
        }
    }
    void write_anything(Input& input) {
        u64 address = some_address(input);
        for (u32 count = input.below(20); count > 0; --count, ++address)
            if (std::span<u8> byte = memory_.at(address, 1); !byte.empty())
                byte[0] = input.byte();
    }
    void write_descriptor(Input& input, u64 table, u32 entries) {
        u64 index = input.below(entries);
        u64 address = some_address(input);
        u32 size = input.below(8) == 0 ? static_cast<u32>(input.bits()) : input.below(80);
        vring_desc descriptor{address, size, static_cast<u16>(input.below(8)),
                              static_cast<u16>(input.below(queue_size + 1))};
        if ((descriptor.flags & VRING_DESC_F_INDIRECT) != 0 && input.below(4) != 0)
            descriptor = {high + 16u * input.below(4), 16u * input.below(8), VRING_DESC_F_INDIRECT,
                          0};
        if (std::span<u8> bytes = memory_.at(table + 16 * index, 16); !bytes.empty())
            std::memcpy(bytes.data(), &descriptor, sizeof descriptor);
    }

    std::unique_ptr<u8[]> low_bytes_, high_bytes_;
    GuestRegions memory_;
};

} // namespace cloison::io
