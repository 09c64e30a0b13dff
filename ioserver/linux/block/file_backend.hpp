// SPDX-License-Identifier: Apache-2.0
// A disk in a file or a block device, through io_uring. A write is acknowledged when the kernel has
// it, so it outlives this process; a flush when it is on stable storage.
#pragma once

#include "ioserver/linux/block/async_backend.hpp"
#include "ioserver/linux/event_loop.hpp"

#include <array>
#include <liburing.h>
#include <string>
#include <vector>

namespace cloison::io {

class FileBackend final : public AsyncBackend {
  public:
    /// Opens `path`, alone for writing or with other readers. Where another process has it, waits a
    /// while: the kernel may still be writing for one that was killed, and such a write must not
    /// come after ours. Throws ServerError.
    FileBackend(EventLoop& loop, const std::string& path, bool read_only);
    ~FileBackend() override;
    FileBackend(const FileBackend&) = delete;
    FileBackend& operator=(const FileBackend&) = delete;

    [[nodiscard]] DiskProperties properties() const override;

    bool submit(const BlockRequest& request) override;
    std::optional<BlockCompletion> completed() override;
    void start() override;
    void wait() override;
    void on_completion(std::function<void()> action) override;
    void set_polled(bool polled) override;

  private:
    /// A request and how far it has come: the kernel may do less than was asked.
    struct Operation {
        BlockRequest request;
        u64 done = 0;
        bool by_writing = false; // zeroes that the file cannot make by itself
        std::vector<iovec> pieces;
    };

    void measure();
    void prepare(Operation& operation);
    void prepare_transfer(io_uring_sqe* entry, Operation& operation);
    void prepare_zeroes(io_uring_sqe* entry, Operation& operation);
    void set_pieces(Operation& operation) const;
    /// What an operation came to, or nothing when it has to go on.
    std::optional<BlockStatus> judge(Operation& operation, int result);

    EventLoop& loop_;
    std::string path_;
    Descriptor file_;
    Descriptor event_;
    io_uring ring_{};
    u64 size_ = 0;
    u32 block_size_ = 512;
    bool read_only_;
    std::array<Operation, block_slots> operations_;
    u32 prepared_ = 0;
};

} // namespace cloison::io
