// SPDX-License-Identifier: Apache-2.0
// A queue under arbitrary rings: what is taken lies in the guest's memory, is taken once and given
// back once, also over restarts.
#include "tests/fuzz/ioserver/hostile_guest.hpp"

#include <array>
#include <vector>

namespace {

using namespace cloison;
using namespace cloison::io;

class Run {
  public:
    explicit Run(Input& input)
        : input_(input),
          base_(input.word()),
          features_(queue_features & input.bits()),
          record_(InflightRecord::bytes(HostileGuest::queue_size) / sizeof(u64)) {
        store<u16>(guest_.at(guest_.layout(0).available + 2), base_);
        restart();
    }

    void step() {
        switch (input_.below(8)) {
        case 0:
        case 1:
            take();
            break;
        case 2:
            complete();
            break;
        case 3:
            static_cast<void>(queue_.take_notification());
            break;
        case 4:
            if (queue_.enable_kicks())
                demand(queue_.has_available());
            queue_.disable_kicks();
            break;
        case 5:
            restart();
            break;
        default:
            guest_.act(input_, 0);
        }
        if (queue_.error() == QueueError::none)
            check();
    }

  private:
    void restart() {
        queue_ = Queue<GuestRegions>();
        auto* bytes = reinterpret_cast<u8*>(record_.data());
        QueueError error = queue_.start(guest_.memory(), guest_.layout(0), features_,
                                        {bytes, record_.size() * sizeof(u64)}, base_);
        demand(error == QueueError::none); // the record is ours alone
        taken_.clear();                    // all are given once more
    }
    void take() {
        Chain chain;
        if (queue_.take(storage_, chain) != Take::chain)
            return;
        for (std::span<Segment> part : {chain.readable, chain.writable})
            for (const Segment& segment : part)
                demand(guest_.owns(segment));
        demand(chain.head < HostileGuest::queue_size);
        for (u16 head : taken_)
            demand(head != chain.head);
        taken_.push_back(chain.head);
    }
    void complete() {
        if (taken_.empty())
            return;
        auto which = taken_.begin() + input_.below(static_cast<u32>(taken_.size()));
        u16 used = queue_.used_index();
        u32 in_flight = queue_.in_flight();
        queue_.complete(*which, input_.byte());
        if (queue_.running()) {
            demand(queue_.used_index() == wrap16(used + 1u));
            demand(queue_.in_flight() == in_flight - 1);
            u8* index = guest_.at(guest_.layout(0).used + 2);
            demand(load<u16>(index) == queue_.used_index());
        }
        taken_.erase(which);
    }
    void check() {
        demand(queue_.in_flight() <= HostileGuest::queue_size);
        demand(queue_.in_flight() >= taken_.size());
        demand(wrap16(queue_.used_index() + queue_.in_flight()) == queue_.next_available());
    }

    Input& input_;
    u16 base_;
    u64 features_;
    HostileGuest guest_;
    std::vector<u64> record_;
    Queue<GuestRegions> queue_;
    std::array<Segment, 12> storage_;
    std::vector<u16> taken_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    Input input({data, size});
    Run run(input);
    while (!input.empty())
        run.step();
    return 0;
}
