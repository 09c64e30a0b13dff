// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/block/nbd_backend.hpp"

#include <sys/epoll.h>

namespace cloison::io {

NbdBackend::NbdBackend(EventLoop& loop, const std::string& uri, bool read_only)
    : loop_(loop),
      uri_(uri),
      event_(make_event()),
      handle_(nbd_create()),
      read_only_(read_only) {
    if (!handle_ || nbd_connect_uri(handle_.get(), uri.c_str()) != 0)
        throw failure("no connection");
    if (!read_only && nbd_is_read_only(handle_.get()) != 0)
        throw ServerError(uri + ": cannot be written (add ,read-only)");
    if (nbd_get_size(handle_.get()) < i64{sector_size})
        throw failure("no disk");
    for (u32 token = 0; token < block_slots; ++token)
        operations_[token] = {this, token};
}

NbdBackend::~NbdBackend() {
    loop_.forget(nbd_aio_get_fd(handle_.get()));
    loop_.forget(event_.get());
}

ServerError NbdBackend::failure(const std::string& what) const {
    return ServerError(uri_ + ": " + what + ": " + nbd_get_error());
}

DiskProperties NbdBackend::properties() const {
    DiskProperties disk;
    disk.sectors = static_cast<u64>(nbd_get_size(handle_.get())) / sector_size;
    disk.read_only = read_only_;
    disk.discard =
        !read_only_ && nbd_can_trim(handle_.get()) > 0 && nbd_can_zero(handle_.get()) > 0;
    return disk;
}

bool NbdBackend::submit(const BlockRequest& request) {
    Operation& operation = operations_[request.token];
    operation.failed = false;
    operation.commands = 1; // this one, so that it cannot end before all are sent
    send(operation, request);
    end_command(operation);
    return true;
}

void NbdBackend::sent(Operation& operation, i64 cookie) {
    if (cookie < 0)
        operation.failed = true;
    else
        ++operation.commands;
}

void NbdBackend::send(Operation& operation, const BlockRequest& request) {
    nbd_handle* nbd = handle_.get();
    nbd_completion_callback done{.callback = on_command, .user_data = &operation, .free = nullptr};
    u32 durable = request.durable && nbd_can_fua(nbd) > 0 ? LIBNBD_CMD_FLAG_FUA : 0u;
    u64 offset = request.offset;
    switch (request.operation) {
    case BlockOperation::read:
    case BlockOperation::write:
        for (const Segment& segment : request.data) {
            bool reads = request.operation == BlockOperation::read;
            sent(operation,
                 reads ? nbd_aio_pread(nbd, segment.data, segment.size, offset, done, 0)
                       : nbd_aio_pwrite(nbd, segment.data, segment.size, offset, done, durable));
            offset += segment.size;
        }
        break;
    case BlockOperation::flush:
        if (nbd_can_flush(nbd) > 0) // where it cannot, writes are not cached
            sent(operation, nbd_aio_flush(nbd, done, 0));
        break;
    case BlockOperation::discard:
        sent(operation, nbd_aio_trim(nbd, request.size, offset, done, 0));
        break;
    case BlockOperation::write_zeroes:
        sent(operation, nbd_aio_zero(nbd, request.size, offset, done,
                                     durable | (request.may_unmap ? 0u : LIBNBD_CMD_FLAG_NO_HOLE)));
        break;
    }
}

int NbdBackend::on_command(void* opaque, int* error) {
    auto& operation = *static_cast<Operation*>(opaque);
    operation.failed |= *error != 0;
    operation.owner->end_command(operation);
    return 1; // retire the command
}

void NbdBackend::end_command(Operation& operation) {
    if (--operation.commands > 0)
        return;
    signal_event(event_);
    done_.push_back({operation.token, operation.failed ? BlockStatus::io_error : BlockStatus::ok});
}

std::optional<BlockCompletion> NbdBackend::completed() {
    if (done_.empty())
        return std::nullopt;
    BlockCompletion completion = done_.front();
    done_.pop_front();
    return completion;
}

/// Commands are sent as they are made, as far as the socket takes them; what is left wants a look.
void NbdBackend::start() {
    watch();
}

void NbdBackend::wait() {
    if (done_.empty())
        advance(-1);
}

void NbdBackend::on_completion(std::function<void()> action) {
    loop_.watch(event_.get(), EPOLLIN, [this, action = std::move(action)] {
        drain_event(event_);
        action();
    });
    watch();
}

/// A lost connection ends the server. Started again, it carries out again what was in flight.
void NbdBackend::advance(int milliseconds) {
    if (nbd_poll(handle_.get(), milliseconds) < 0)
        throw failure("connection lost");
}

void NbdBackend::watch() {
    u32 direction = nbd_aio_get_direction(handle_.get());
    u32 events = ((direction & LIBNBD_AIO_DIRECTION_READ) != 0 ? u32{EPOLLIN} : 0) |
                 ((direction & LIBNBD_AIO_DIRECTION_WRITE) != 0 ? u32{EPOLLOUT} : 0);
    if (events == watched_)
        return;
    watched_ = events;
    loop_.watch(nbd_aio_get_fd(handle_.get()), events, [this] {
        advance(0);
        watch();
    });
}

} // namespace cloison::io
