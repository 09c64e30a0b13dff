// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/block/file_backend.hpp"

#include "ioserver/linux/error.hpp"
#include "ioserver/linux/file_lock.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

namespace cloison::io {

namespace {

/// What zeroes are written from, and how many of it in one operation.
constexpr usize zeroes_size = 64 * kib;
constexpr u32 zeroes_pieces = 256;
alignas(page_size) u8 zeroes[zeroes_size]; // never written; iovec has no const

} // namespace

FileBackend::FileBackend(EventLoop& loop, const std::string& path, bool read_only)
    : loop_(loop),
      path_(path),
      file_(open(path.c_str(), (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC)),
      event_(make_event()),
      read_only_(read_only) {
    if (!file_)
        throw system_error(path, errno);
    lock_file(file_, read_only, path_);
    measure();
    if (int error = io_uring_queue_init(block_slots, &ring_, 0); error != 0)
        throw system_error("no io_uring", -error);
    if (int error = io_uring_register_eventfd(&ring_, event_.get()); error != 0) {
        io_uring_queue_exit(&ring_);
        throw system_error("io_uring has no events", -error);
    }
}

FileBackend::~FileBackend() {
    loop_.forget(event_.get());
    io_uring_queue_exit(&ring_);
}

void FileBackend::measure() {
    struct stat state {};
    if (fstat(file_.get(), &state) != 0)
        throw system_error(path_, errno);
    if (S_ISBLK(state.st_mode)) {
        int block = 0;
        if (ioctl(file_.get(), BLKGETSIZE64, &size_) != 0 ||
            ioctl(file_.get(), BLKSSZGET, &block) != 0)
            throw system_error(path_, errno);
        block_size_ = static_cast<u32>(block);
    } else if (S_ISREG(state.st_mode)) {
        size_ = static_cast<u64>(state.st_size);
    } else {
        throw ServerError(path_ + ": neither a file nor a block device");
    }
    size_ = round_down(size_, sector_size);
    if (size_ == 0)
        throw ServerError(path_ + ": empty");
}

DiskProperties FileBackend::properties() const {
    DiskProperties disk;
    disk.sectors = size_ / sector_size;
    disk.block_size = block_size_;
    disk.read_only = read_only_;
    disk.discard = !read_only_;
    return disk;
}

bool FileBackend::submit(const BlockRequest& request) {
    Operation& operation = operations_[request.token];
    operation.request = request;
    operation.done = 0;
    // What fallocate(2) does is not durable before a flush.
    operation.by_writing = request.durable && request.operation == BlockOperation::write_zeroes;
    prepare(operation);
    return true;
}

/// There is an entry for each slot, so there is one for this.
void FileBackend::prepare(Operation& operation) {
    io_uring_sqe* entry = io_uring_get_sqe(&ring_);
    switch (operation.request.operation) {
    case BlockOperation::read:
    case BlockOperation::write:
        prepare_transfer(entry, operation);
        break;
    case BlockOperation::flush:
        io_uring_prep_fsync(entry, file_.get(), IORING_FSYNC_DATASYNC);
        break;
    case BlockOperation::discard:
    case BlockOperation::write_zeroes:
        prepare_zeroes(entry, operation);
        break;
    }
    io_uring_sqe_set_data64(entry, operation.request.token);
    ++prepared_;
}

void FileBackend::set_pieces(Operation& operation) const {
    operation.pieces.clear();
    u64 skip = operation.done;
    for (const Segment& segment : operation.request.data) {
        u64 skipped = std::min<u64>(skip, segment.size);
        skip -= skipped;
        if (skipped < segment.size)
            operation.pieces.push_back({segment.data + skipped, segment.size - skipped});
    }
}

void FileBackend::prepare_transfer(io_uring_sqe* entry, Operation& operation) {
    const BlockRequest& request = operation.request;
    set_pieces(operation);
    auto count = static_cast<u32>(operation.pieces.size());
    u64 offset = request.offset + operation.done;
    if (request.operation == BlockOperation::read)
        io_uring_prep_readv(entry, file_.get(), operation.pieces.data(), count, offset);
    else
        io_uring_prep_writev2(entry, file_.get(), operation.pieces.data(), count, offset,
                              request.durable ? RWF_DSYNC : 0);
}

void FileBackend::prepare_zeroes(io_uring_sqe* entry, Operation& operation) {
    const BlockRequest& request = operation.request;
    u64 offset = request.offset + operation.done, left = request.size - operation.done;
    if (!operation.by_writing) {
        bool punch = request.operation == BlockOperation::discard || request.may_unmap;
        int mode = FALLOC_FL_KEEP_SIZE | (punch ? FALLOC_FL_PUNCH_HOLE : FALLOC_FL_ZERO_RANGE);
        io_uring_prep_fallocate(entry, file_.get(), mode, static_cast<off_t>(offset),
                                static_cast<off_t>(left));
        return;
    }
    operation.pieces.clear();
    while (left > 0 && operation.pieces.size() < zeroes_pieces) {
        usize size = std::min<u64>(left, zeroes_size);
        operation.pieces.push_back({zeroes, size});
        left -= size;
    }
    io_uring_prep_writev2(entry, file_.get(), operation.pieces.data(),
                          static_cast<u32>(operation.pieces.size()), offset,
                          request.durable ? RWF_DSYNC : 0);
}

void FileBackend::start() {
    while (prepared_ > 0) {
        int submitted = io_uring_submit(&ring_);
        if (submitted < 0 && submitted != -EINTR && submitted != -EAGAIN && submitted != -EBUSY)
            throw system_error("io_uring", -submitted);
        if (submitted > 0)
            prepared_ -= static_cast<u32>(submitted);
    }
}

std::optional<BlockStatus> FileBackend::judge(Operation& operation, int result) {
    const BlockRequest& request = operation.request;
    if (result == -EINTR || result == -EAGAIN)
        return std::nullopt;
    bool writes_zeroes = request.operation == BlockOperation::write_zeroes;
    if (result == -EOPNOTSUPP && writes_zeroes && !operation.by_writing) {
        operation.by_writing = true;
        return std::nullopt;
    }
    if (result == -EOPNOTSUPP && request.operation == BlockOperation::discard)
        return BlockStatus::unsupported;
    if (result < 0)
        return BlockStatus::io_error;
    bool moves = request.operation == BlockOperation::read ||
                 request.operation == BlockOperation::write || operation.by_writing;
    if (!moves)
        return BlockStatus::ok;
    operation.done += static_cast<u32>(result);
    if (operation.done >= request.size)
        return BlockStatus::ok;
    if (result == 0) // the file became shorter
        return BlockStatus::io_error;
    return std::nullopt;
}

std::optional<BlockCompletion> FileBackend::completed() {
    io_uring_cqe* entry = nullptr;
    while (io_uring_peek_cqe(&ring_, &entry) == 0) {
        auto token = static_cast<u32>(io_uring_cqe_get_data64(entry));
        int result = entry->res;
        io_uring_cqe_seen(&ring_, entry);
        if (std::optional<BlockStatus> status = judge(operations_[token], result))
            return BlockCompletion{token, *status};
        prepare(operations_[token]);
        start();
    }
    return std::nullopt;
}

void FileBackend::wait() {
    io_uring_cqe* entry = nullptr;
    int error = io_uring_wait_cqe(&ring_, &entry);
    if (error != 0 && error != -EINTR)
        throw system_error("io_uring", -error);
}

void FileBackend::on_completion(std::function<void()> action) {
    loop_.watch(event_.get(), EPOLLIN, [this, action = std::move(action)] {
        drain_event(event_);
        action();
    });
}

void FileBackend::set_polled(bool polled) {
    io_uring_cq_eventfd_toggle(&ring_, !polled);
}

} // namespace cloison::io
