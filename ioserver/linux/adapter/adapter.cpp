// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/adapter/adapter.hpp"

#include "ioserver/linux/error.hpp"

#include <sys/epoll.h>
#include <unistd.h>

namespace cloison::io::adapter {

namespace {

/// Looks in a row, before others have their turn.
constexpr u32 looks_at_once = 8;

} // namespace

Adapter::Adapter(EventLoop& loop, const Roots& roots, const std::string& address, bool poll)
    : loop_(loop),
      function_(roots, address),
      poll_(poll),
      doorbell_(function_.map_bar(abi::doorbell_bar)),
      record_(function_.map_bar(abi::record_bar)),
      memory_(function_.map_bar(abi::memory_bar)),
      bells_(doorbell_.bytes().data(), record()) {
    function_.lock();
    function_.enable_memory();
    check_record();
    map_memory();
}

Adapter::~Adapter() {
    loop_.remove_poller(this);
    loop_.forget(interrupt_.get());
    sessions_.clear();
}

/// The firmware wrote it; a server that finds something else has another firmware than it is for.
void Adapter::check_record() {
    auto refuse = [this](const char* what) {
        throw ServerError(address() + ": no adapter record of this version: " + what);
    };
    u64 pages = record_.bytes().size() / page_size;
    if (pages < 1 || doorbell_.bytes().size() < sizeof(u32))
        refuse("a BAR is too small");
    const abi::AdapterPage& page = record().adapter();
    client_ = page.client;
    functions_ = page.functions;
    if (page.magic != abi::io_adapter_magic || page.version != abi::io_adapter_version)
        refuse("its head");
    if (functions_ > abi::max_virtio_functions ||
        abi::io_adapter_read_only_pages(functions_) >= pages ||
        page.ram_count > abi::max_client_ram)
        refuse("its counts");
    for (u32 i = 0; i < functions_; ++i) {
        const abi::FunctionPlace& place = page.places[i];
        if (place.function_page >= pages || place.server_page >= pages)
            refuse("a page");
        const abi::FunctionPage& function = record().function(i);
        if (function.queues > abi::max_virtqueues || place.server_page + function.queues >= pages ||
            function.config_size > abi::max_device_config)
            refuse("a function");
    }
}

void Adapter::map_memory() {
    const abi::AdapterPage& page = record().adapter();
    std::span<u8> all = memory_.bytes();
    for (const Extent& piece : std::span(page.ram).first(page.ram_count))
        if (!Extent{0, all.size()}.contains(piece) ||
            !regions_.add(piece.base, all.subspan(piece.base, piece.size)))
            throw ServerError(address() + ": the client's memory is not all in its BAR");
}

void Adapter::serve(u32 function, DeviceServer& device, const std::string& name) {
    FunctionSession::Place place{record(), function, regions_, bells_};
    sessions_.push_back(std::make_unique<FunctionSession>(place, device, name, poll_));
}

void Adapter::start() {
    if (poll_) {
        function_.enable_interrupt(false); // nobody would end it
        loop_.add_poller(this, [this] { poll(); });
    } else {
        interrupt_ = function_.open_interrupt();
        loop_.watch(interrupt_.get(), EPOLLIN, [this] { on_interrupt(); });
        function_.enable_interrupt(true);
    }
    Doorbells::Hold hold(bells_);
    for (const auto& session : sessions_)
        session->start();
    loop_.later([this] { look(); });
}

/// The interrupt is enabled before anything is looked at: what comes from then on raises it anew.
void Adapter::on_interrupt() {
    u32 count = 0;
    if (read(interrupt_.get(), &count, sizeof count) != ssize_t{sizeof count})
        return;
    ++calls_;
    function_.enable_interrupt(true);
    look();
}

void Adapter::look() {
    Doorbells::Hold hold(bells_);
    bool more = true;
    for (u32 turn = 0; more && turn < looks_at_once; ++turn) {
        more = false;
        for (const auto& session : sessions_)
            more = session->look() || more;
    }
    if (more)
        loop_.later([this] { look(); });
}

void Adapter::poll() {
    Doorbells::Hold hold(bells_);
    for (const auto& session : sessions_)
        session->poll();
}

} // namespace cloison::io::adapter
