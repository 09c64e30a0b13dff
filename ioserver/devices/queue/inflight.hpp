// SPDX-License-Identifier: Apache-2.0
// The record of a queue's requests in flight: what a restarted server needs to go on where the last
// one was killed, at whatever instruction that was.
//
// It lies in memory that outlives the server and that the guest cannot write: the front end's over
// vhost-user, a page of the firmware's in a partition. It says all by itself; nothing is derived
// from the rings, which the guest can write. See docs/decisions/0012-resumable-queue.md.
//
//     header     version, queue size, used index, completion under way
//     tickets    one for each descriptor: 0, or the turn in which the chain with this head was
//     taken
//
// - A request is taken by one store: its ticket. The available index that comes next is the used
//   index plus the number of tickets, so it cannot disagree with them.
// - A request is completed by a note of what is going to be done (head, length, used index, all in
//   one store), the doing (used element written, ticket cleared) and the used index here, which
//   makes the note stale. A server that finds a note that is not stale does it again: each step
//   gives the same result the second time.
// - The driver's used index follows, for one request or many. A server begins by publishing it.
//
// The stores of one CPU become visible in order, so a process that ends leaves a prefix of them.
#pragma once

#include "ioserver/devices/queue/shared_memory.hpp"

#include <cstddef>
#include <optional>
#include <span>

namespace cloison::io {

class InflightRecord {
  public:
    static constexpr u32 version = 1;
    static constexpr usize alignment = 64;

    /// Bytes that the record of a queue of that size takes, a multiple of `alignment`.
    [[nodiscard]] static constexpr usize bytes(u32 queue_size) {
        return round_up(sizeof(Header) + sizeof(u64) * u64{queue_size}, alignment);
    }

    struct Completion {
        u16 head = 0;
        u32 length = 0;
    };

    /// Takes up the record in `memory`, or begins one, with `base` for the used index, where that
    /// is all zeroes. False, and nothing changed, when it is neither, or no room for `queue_size`.
    [[nodiscard]] bool attach(std::span<u8> memory, u16 queue_size, u16 base);

    [[nodiscard]] u16 used_index() const { return load<u16>(at(offsetof(Header, used_index))); }
    [[nodiscard]] u32 in_flight() const { return in_flight_; }
    [[nodiscard]] u16 next_available() const { return wrap16(used_index() + in_flight_); }
    [[nodiscard]] bool is_in_flight(u16 head) const { return ticket(head) != 0; }

    /// False, and nothing changed, when it is in flight already.
    [[nodiscard]] bool begin(u16 head);
    /// Before the used element is written. False when it is not in flight.
    [[nodiscard]] bool note_completion(const Completion& completion);
    /// After it was written.
    void finish_completion(u16 head);
    /// What a server was about to do when it was killed.
    [[nodiscard]] std::optional<Completion> unfinished() const;

    /// The request in flight that was taken next after `*last`, which is moved on to it; begin with
    /// 0. Requests taken since are not found before those of earlier servers.
    [[nodiscard]] std::optional<u16> next_taken(u64* last) const;

  private:
    struct Header {
        u32 version;
        u16 queue_size;
        u16 used_index;
        u64 completion; // used index, head, length: see pack()
    };

    [[nodiscard]] static u64 pack(u16 used_index, const Completion& completion) {
        return u64{used_index} << 48 | u64{completion.head} << 32 | completion.length;
    }
    [[nodiscard]] u8* at(usize offset) const { return memory_ + offset; }
    [[nodiscard]] u8* ticket_at(u16 head) const {
        return at(sizeof(Header) + sizeof(u64) * usize{head});
    }
    [[nodiscard]] u64 ticket(u16 head) const { return load<u64>(ticket_at(head)); }
    [[nodiscard]] bool is_blank() const;
    [[nodiscard]] bool is_valid(u16 queue_size) const;
    void count_tickets();

    u8* memory_ = nullptr;
    u16 size_ = 0;
    u32 in_flight_ = 0;
    u64 last_ticket_ = 0;
};

} // namespace cloison::io
