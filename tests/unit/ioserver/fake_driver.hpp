// SPDX-License-Identifier: Apache-2.0
// The driver side of a split virtqueue (virtio 1.2, section 2.7) in memory of its own, well-behaved
// unless it is told otherwise: every field can be overwritten.
#pragma once

#include "ioserver/devices/queue/queue.hpp"

#include <cstring>
#include <map>
#include <string_view>
#include <vector>

namespace cloison::io {

class FakeDriver {
  public:
    static constexpr u64 base = 0x10'0000; // where the guest's memory begins
    static constexpr u64 memory_size = 256 * kib;

    struct Buffer {
        u64 address = 0;
        u32 size = 0;
        bool writable = false;
    };
    struct Used {
        u16 head = 0;
        u32 length = 0;
    };

    explicit FakeDriver(u16 queue_size, u64 features = queue_features)
        : FakeDriver(queue_size, features, {}, base) {}
    /// In `memory`, memory_size bytes that the guest has from `origin` on; in memory of its own
    /// where that is empty.
    FakeDriver(u16 queue_size, u64 features, std::span<u8> memory, u64 origin)
        : features_(features),
          origin_(origin),
          own_(memory.empty() ? memory_size : 0),
          bytes_(memory.empty() ? std::span(own_) : memory),
          layout_{queue_size, origin, origin + 0x8000, origin + 0xA000},
          record_(InflightRecord::bytes(queue_size) / sizeof(u64)),
          free_(queue_size, true) {
        if (!memory_.add(origin_, bytes_))
            std::abort();
    }

    FakeDriver(const FakeDriver&) = delete; // its memory is known by address
    FakeDriver& operator=(const FakeDriver&) = delete;

    [[nodiscard]] const GuestRegions& memory() const { return memory_; }
    [[nodiscard]] const QueueLayout& layout() const { return layout_; }
    [[nodiscard]] QueueLayout& layout() { return layout_; }
    [[nodiscard]] u64 features() const { return features_; }
    [[nodiscard]] std::span<u8> record() {
        return {reinterpret_cast<u8*>(record_.data()), record_.size() * sizeof(u64)};
    }
    template <typename Q>
    [[nodiscard]] QueueError start(Q& queue, u16 first = 0) {
        return queue.start(memory_, layout_, features_, record(), first);
    }

    /// Room in the guest's memory, for good.
    [[nodiscard]] u64 allocate(u64 size) {
        u64 address = origin_ + next_;
        next_ = round_up(next_ + size, 16);
        if (next_ > memory_size)
            std::abort();
        return address;
    }
    [[nodiscard]] u64 put(std::string_view text) {
        u64 address = allocate(text.size());
        std::memcpy(at(address), text.data(), text.size());
        return address;
    }
    [[nodiscard]] u8* at(u64 address) { return bytes_.data() + (address - origin_); }
    [[nodiscard]] std::string text(u64 address, usize size) {
        return {reinterpret_cast<const char*>(at(address)), size};
    }

    /// Makes a chain available, in direct descriptors; gives its head.
    u16 add(const std::vector<Buffer>& buffers) {
        std::vector<u16> heads;
        for (u16 i = 0; heads.size() < buffers.size() && i < layout_.size; ++i)
            if (free_[i])
                heads.push_back(i);
        if (heads.size() < buffers.size())
            std::abort();
        for (usize i = 0; i < buffers.size(); ++i) {
            free_[heads[i]] = false;
            bool last = i + 1 == buffers.size();
            write_descriptor(layout_.descriptors, heads[i],
                             make(buffers[i], last ? -1 : heads[i + 1]));
        }
        chains_[heads[0]] = heads;
        offer(heads[0]);
        return heads[0];
    }
    /// The same through an indirect table (section 2.7.5.3).
    u16 add_indirect(const std::vector<Buffer>& buffers) {
        u64 table = allocate(buffers.size() * sizeof(vring_desc));
        for (usize i = 0; i < buffers.size(); ++i)
            write_descriptor(
                table, static_cast<u32>(i),
                make(buffers[i], i + 1 == buffers.size() ? -1 : static_cast<int>(i + 1)));
        u16 head = add({{table, static_cast<u32>(buffers.size() * sizeof(vring_desc))}});
        poke<u16>(layout_.descriptors + sizeof(vring_desc) * head + offsetof(vring_desc, flags),
                  VRING_DESC_F_INDIRECT);
        return head;
    }
    /// Writes an available entry and moves the index on.
    void offer(u16 head) {
        poke<u16>(layout_.available + 4 + 2 * (available_ % layout_.size), head);
        store<u16>(at(layout_.available + 2), ++available_, std::memory_order_release);
    }
    /// What the device gave back since this was last asked.
    std::vector<Used> collect() {
        std::vector<Used> all;
        u16 index = load<u16>(at(layout_.used + 2), std::memory_order_acquire);
        for (; collected_ != index; ++collected_) {
            u64 element = layout_.used + 4 + 8 * (collected_ % layout_.size);
            all.push_back({static_cast<u16>(peek<u32>(element)), peek<u32>(element + 4)});
            for (u16 descriptor : chains_[all.back().head])
                free_[descriptor] = true;
            chains_.erase(all.back().head);
        }
        return all;
    }

    template <typename T>
    void poke(u64 address, std::type_identity_t<T> value) {
        std::memcpy(at(address), &value, sizeof value);
    }
    template <typename T>
    [[nodiscard]] T peek(u64 address) {
        return copy_of<T>(at(address));
    }
    void write_descriptor(u64 table, u32 index, const vring_desc& descriptor) {
        poke<vring_desc>(table + sizeof(vring_desc) * index, descriptor);
    }
    void set_used_event(u16 index) { poke<u16>(layout_.available + 4 + 2 * layout_.size, index); }
    void set_available_flags(u16 flags) { poke<u16>(layout_.available, flags); }
    [[nodiscard]] u16 available_event() { return peek<u16>(layout_.used + 4 + 8 * layout_.size); }
    [[nodiscard]] u16 used_flags() { return peek<u16>(layout_.used); }
    [[nodiscard]] u16 available_index() const { return available_; }
    /// Where a driver stands that has used the queue before.
    void set_indices(u16 index) {
        available_ = collected_ = index;
        poke<u16>(layout_.available + 2, index);
        poke<u16>(layout_.used + 2, index);
    }

  private:
    static vring_desc make(const Buffer& buffer, int next) {
        u32 flags =
            (buffer.writable ? VRING_DESC_F_WRITE : 0u) | (next >= 0 ? VRING_DESC_F_NEXT : 0u);
        return {buffer.address, buffer.size, static_cast<u16>(flags),
                static_cast<u16>(next >= 0 ? next : 0)};
    }

    u64 features_;
    u64 origin_;
    std::vector<u8> own_;
    std::span<u8> bytes_;
    GuestRegions memory_;
    QueueLayout layout_;
    std::vector<u64> record_;
    std::vector<bool> free_;
    std::map<u16, std::vector<u16>> chains_;
    u64 next_ = 0x1'0000;
    u16 available_ = 0;
    u16 collected_ = 0;
};

} // namespace cloison::io
