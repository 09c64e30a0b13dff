// SPDX-License-Identifier: Apache-2.0
// A disk on a network block device server, through libnbd. Each piece of the guest's memory is a
// command of its own, so nothing is copied here either.
//
// What the server of a lost connection still had to write may land late, and NBD has no way to
// forbid it: use servers that drop the commands of a closed connection, as nbdkit does.
#pragma once

#include "ioserver/linux/block/async_backend.hpp"
#include "ioserver/linux/error.hpp"
#include "ioserver/linux/event_loop.hpp"

#include <array>
#include <deque>
#include <libnbd.h>
#include <memory>
#include <string>

namespace cloison::io {

class NbdBackend final : public AsyncBackend {
  public:
    /// Connects. Throws ServerError.
    NbdBackend(EventLoop& loop, const std::string& uri, bool read_only);
    ~NbdBackend() override;
    NbdBackend(const NbdBackend&) = delete;
    NbdBackend& operator=(const NbdBackend&) = delete;

    [[nodiscard]] DiskProperties properties() const override;

    bool submit(const BlockRequest& request) override;
    std::optional<BlockCompletion> completed() override;
    void start() override;
    void wait() override;
    void on_completion(std::function<void()> action) override;
    void set_polled(bool /*polled*/) override {} // the socket has to be watched in any case

  private:
    struct Closer {
        void operator()(nbd_handle* handle) const { nbd_close(handle); }
    };
    /// What libnbd is given with a command; lives as long as the backend.
    struct Operation {
        NbdBackend* owner = nullptr;
        u32 token = 0;
        u32 commands = 0; // sent and not answered
        bool failed = false;
    };

    static int on_command(void* operation, int* error);
    void send(Operation& operation, const BlockRequest& request);
    void sent(Operation& operation, i64 cookie);
    void end_command(Operation& operation);
    void advance(int milliseconds);
    void watch();
    [[nodiscard]] ServerError failure(const std::string& what) const;

    EventLoop& loop_;
    std::string uri_;
    Descriptor event_; // set when something is in done_
    std::unique_ptr<nbd_handle, Closer> handle_;
    std::array<Operation, block_slots> operations_;
    std::deque<BlockCompletion> done_;
    bool read_only_;
    u32 watched_ = 0; // events of the connection
};

} // namespace cloison::io
