// SPDX-License-Identifier: Apache-2.0
#include "ioserver/devices/queue/inflight.hpp"

#include <algorithm>

namespace cloison::io {

bool InflightRecord::attach(std::span<u8> memory, u16 queue_size, u16 base) {
    if (memory.size() < bytes(queue_size) ||
        reinterpret_cast<std::uintptr_t>(memory.data()) % alignof(Header) != 0)
        return false;
    memory_ = memory.data();
    size_ = queue_size;
    if (is_blank()) {
        // The version comes last: until then it is blank for whoever comes next.
        store<u64>(at(offsetof(Header, completion)), pack(wrap16(base - 1u), {}));
        store<u16>(at(offsetof(Header, used_index)), base);
        store<u16>(at(offsetof(Header, queue_size)), queue_size);
        store<u32>(at(offsetof(Header, version)), version, std::memory_order_release);
    }
    if (!is_valid(queue_size))
        return false;
    count_tickets();
    return true;
}

bool InflightRecord::is_blank() const {
    return load<u32>(at(offsetof(Header, version)), std::memory_order_acquire) == 0;
}

bool InflightRecord::is_valid(u16 queue_size) const {
    if (load<u32>(at(offsetof(Header, version))) != version ||
        load<u16>(at(offsetof(Header, queue_size))) != queue_size)
        return false;
    std::optional<Completion> completion = unfinished();
    return !completion || completion->head < queue_size;
}

void InflightRecord::count_tickets() {
    in_flight_ = 0;
    last_ticket_ = 0;
    for (u16 head = 0; head < size_; ++head) {
        in_flight_ += ticket(head) != 0 ? 1 : 0;
        last_ticket_ = std::max(last_ticket_, ticket(head));
    }
}

bool InflightRecord::begin(u16 head) {
    if (is_in_flight(head))
        return false;
    store<u64>(ticket_at(head), ++last_ticket_, std::memory_order_release);
    ++in_flight_;
    return true;
}

bool InflightRecord::note_completion(const Completion& completion) {
    if (!is_in_flight(completion.head))
        return false;
    store<u64>(at(offsetof(Header, completion)), pack(used_index(), completion),
               std::memory_order_release);
    return true;
}

void InflightRecord::finish_completion(u16 head) {
    // Killed before this store, the ticket goes when the note is carried out again.
    if (is_in_flight(head))
        --in_flight_;
    store<u64>(ticket_at(head), 0, std::memory_order_release);
    store<u16>(at(offsetof(Header, used_index)), wrap16(used_index() + 1u),
               std::memory_order_release);
}

std::optional<InflightRecord::Completion> InflightRecord::unfinished() const {
    u64 note = load<u64>(at(offsetof(Header, completion)));
    if (wrap16(static_cast<u32>(note >> 48)) != used_index())
        return std::nullopt;
    return Completion{wrap16(static_cast<u32>(note >> 32)), static_cast<u32>(note)};
}

std::optional<u16> InflightRecord::next_taken(u64* last) const {
    std::optional<u16> found;
    for (u16 head = 0; head < size_; ++head)
        if (ticket(head) > *last && (!found || ticket(head) < ticket(*found)))
            found = head;
    if (found)
        *last = ticket(*found);
    return found;
}

} // namespace cloison::io
