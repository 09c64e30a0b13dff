// SPDX-License-Identifier: Apache-2.0
// A block device with two queues under arbitrary rings and requests: the back end is asked only for
// what is on the disk, with buffers that are the guest's, and every request is given back once.
#include "ioserver/devices/block/block_device.hpp"
#include "tests/fuzz/ioserver/hostile_guest.hpp"

#include <set>
#include <vector>

namespace {

using namespace cloison;
using namespace cloison::io;

constexpr u64 disk_sectors = 100;

struct FuzzDisk {
    const HostileGuest* guest;
    std::vector<BlockRequest> pending;
    std::vector<BlockCompletion> done;
    bool full = false;

    bool submit(const BlockRequest& request) {
        if (full)
            return false;
        demand(request.offset <= disk_sectors * sector_size);
        demand(request.size <= disk_sectors * sector_size - request.offset);
        bool transfers =
            request.operation == BlockOperation::read || request.operation == BlockOperation::write;
        demand(!transfers || total_size(request.data) == request.size);
        for (const Segment& segment : request.data)
            demand(guest->owns(segment));
        for (const BlockRequest& other : pending)
            demand(other.token != request.token);
        pending.push_back(request);
        return true;
    }
    std::optional<BlockCompletion> completed() {
        if (done.empty())
            return std::nullopt;
        BlockCompletion completion = done.back();
        done.pop_back();
        return completion;
    }
    void carry_out(Input& input) {
        if (pending.empty())
            return;
        auto which = pending.begin() + input.below(static_cast<u32>(pending.size()));
        if (which->operation == BlockOperation::read) // as a back end does, while the guest looks
            for (const Segment& segment : which->data)
                std::memset(segment.data, 0x5A, segment.size);
        done.push_back({which->token, static_cast<BlockStatus>(input.below(2))});
        pending.erase(which);
    }
};

using Device = BlockDevice<GuestRegions, FuzzDisk, 4>;

class Run {
  public:
    explicit Run(Input& input) : input_(input) {
        disk_.guest = &guest_;
        properties_.sectors = disk_sectors;
        properties_.queues = 2;
        properties_.discard = true;
        properties_.read_only = input.below(8) == 0;
        features_ = input.below(4) == 0 ? input.bits() : ~u64{0};
        restart();
    }

    void step() {
        u32 queue = input_.below(2);
        switch (input_.below(8)) {
        case 0:
            device_->serve(queue);
            break;
        case 1:
            disk_.carry_out(input_);
            break;
        case 2:
            device_->reap();
            break;
        case 3:
            disk_.full = input_.below(2) != 0;
            break;
        case 4:
            if (input_.below(8) == 0)
                restart();
            break;
        case 5:
            offer_request(queue);
            break;
        default:
            guest_.act(input_, queue);
        }
        demand(device_->busy(0) + device_->busy(1) <= 4);
    }

  private:
    /// Killed: what was with the back end is gone, the records stay.
    void restart() {
        disk_.pending.clear();
        disk_.done.clear();
        device_ = std::make_unique<Device>(disk_, properties_);
        for (u32 i = 0; i < 2; ++i) {
            auto* record = reinterpret_cast<u8*>(records_[i].data());
            demand(device_->start_queue(i, guest_.memory(), guest_.layout(i), features_,
                                        {record, sizeof records_[i]}, 0) == QueueError::none);
        }
    }
    /// A request that is nearly as the standard wants it.
    void offer_request(u32 queue) {
        u64 header = HostileGuest::low + 0x500, data = header + 0x20;
        virtio_blk_outhdr outer{input_.below(16), 0,
                                input_.below(2) ? input_.below(110) : input_.bits()};
        std::memcpy(guest_.at(header), &outer, sizeof outer);
        std::memset(guest_.at(data), input_.byte(), 16);
        u32 size = input_.below(2) * 512u + input_.below(18);
        u16 write = input_.below(2) != 0 ? VRING_DESC_F_WRITE : 0;
        const vring_desc chain[] = {{header, sizeof outer, VRING_DESC_F_NEXT, 1},
                                    {data, size, static_cast<u16>(VRING_DESC_F_NEXT | write), 2},
                                    {HostileGuest::high + 0x3FF, 1, VRING_DESC_F_WRITE, 0}};
        std::memcpy(guest_.at(guest_.layout(queue).descriptors), chain, sizeof chain);
        guest_.offer(queue, 0);
    }

    Input& input_;
    HostileGuest guest_;
    FuzzDisk disk_;
    DiskProperties properties_;
    u64 features_;
    std::array<std::array<u64, InflightRecord::bytes(HostileGuest::queue_size) / 8>, 2> records_{};
    std::unique_ptr<Device> device_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    Input input({data, size});
    Run run(input);
    while (!input.empty())
        run.step();
    return 0;
}
