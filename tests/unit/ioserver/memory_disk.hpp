// SPDX-License-Identifier: Apache-2.0
// A disk in memory that finishes its requests when, and in the order, that the test says.
#pragma once

#include "ioserver/devices/block/block_request.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <vector>

namespace cloison::io {

class MemoryDisk {
  public:
    explicit MemoryDisk(usize sectors) : bytes_(sectors * sector_size) {}

    /// How many requests it takes at one time.
    usize room = ~usize{0};
    /// What becomes of the requests that are carried out next.
    BlockStatus status = BlockStatus::ok;

    bool submit(const BlockRequest& request) {
        if (pending_.size() >= room)
            return false;
        pending_.push_back(request);
        return true;
    }
    std::optional<BlockCompletion> completed() {
        if (done_.empty())
            return std::nullopt;
        BlockCompletion completion = done_.front();
        done_.pop_front();
        return completion;
    }

    [[nodiscard]] const std::deque<BlockRequest>& pending() const { return pending_; }
    [[nodiscard]] std::span<u8> bytes() { return bytes_; }
    [[nodiscard]] std::string text(usize offset, usize size) {
        return {reinterpret_cast<const char*>(bytes_.data()) + offset, size};
    }
    void carry_out(usize which = 0) {
        BlockRequest request = pending_[which];
        pending_.erase(pending_.begin() + static_cast<long>(which));
        std::span<u8> range = bytes().subspan(request.offset, request.size);
        if (status == BlockStatus::ok && request.operation == BlockOperation::read)
            copy_in(request.data, 0, range);
        if (status == BlockStatus::ok && request.operation == BlockOperation::write)
            copy_out(request.data, 0, range);
        if (request.operation == BlockOperation::discard ||
            request.operation == BlockOperation::write_zeroes)
            std::ranges::fill(range, u8{0});
        done_.push_back({request.token, status});
    }
    void carry_out_all() {
        while (!pending_.empty())
            carry_out();
    }

  private:
    std::vector<u8> bytes_;
    std::deque<BlockRequest> pending_;
    std::deque<BlockCompletion> done_;
};

static_assert(BlockBackend<MemoryDisk>);

} // namespace cloison::io
