// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/kvm/disk_function.hpp"

#include "firmware/core/devices/virtio/adapter.hpp"
#include "firmware/core/devices/virtio/structures.hpp"
#include "ioserver/linux/block/file_backend.hpp"
#include "ioserver/linux/error.hpp"

#include <cerrno>
#include <cstring>
#include <iostream>
#include <linux/virtio_ids.h>
#include <sched.h>
#include <sys/epoll.h>
#include <unistd.h>

namespace cloison::bench {

using io::ServerError;

DiskFunction::DiskFunction(Vm& vm, const std::string& path, bool poll, u32 cpu)
    : vm_(vm),
      poll_(poll),
      ram_{Extent{0, vm.memory().size()}},
      kick_(io::make_event()),
      call_(io::make_event()),
      end_(io::make_event()) {
    auto file = std::make_unique<io::FileBackend>(loop_, path, false);
    io::DiskProperties disk = file->properties();
    backend_ = std::move(file);
    server_ = std::make_unique<io::BlockServer>(loop_, *backend_, disk);
    server_->attach(this);
    config_.resize(sizeof(virtio_blk_config));
    server_->read_config(0, config_);
    if (!regions_.add(0, vm.memory()))
        throw ServerError("the guest has no memory");

    abi::VirtioFunctionConfig function{.device_id = VIRTIO_ID_BLOCK,
                                       .features = server_->features(),
                                       .queue_sizes = queue_sizes_,
                                       .device_config = config_};
    record_ = std::make_unique<abi::AdapterPage[]>(io_adapter_pages(std::span(&function, 1)));
    auto* record = reinterpret_cast<u8*>(record_.get());
    std::memset(record, 0, io_adapter_pages(std::span(&function, 1)) * page_size);
    bus_.attach(core::make_functions(record, object_.data(), std::span(&function, 1), ram_));
    thread_ = std::thread([this, cpu] { serve(cpu); });
}

DiskFunction::~DiskFunction() {
    io::signal_event(end_);
    thread_.join();
}

void DiskFunction::write(u64 address, u32 size, u64 value) {
    bus_.write_memory(address, size, value);
    abi::IoAdapterRecord record(reinterpret_cast<u8*>(record_.get()));
    bool runs = (record.function(0).status & VIRTIO_CONFIG_S_DRIVER_OK) != 0;
    if (runs && !connected_)
        connect();
    else if (connected_ && bus_.take_call()) // no ioeventfd is there for this
        io::signal_event(kick_);
}

/// The driver is ready: from now on kicks and interrupts do without this process's vCPU thread.
void DiskFunction::connect() {
    connected_ = true;
    abi::IoAdapterRecord record(reinterpret_cast<u8*>(record_.get()));
    const abi::QueueRecord& queue = record.function(0).queue[0];
    bus_.ring({.function = 0, .queue = 0}); // what the firmware would send for a used buffer
    auto message = bus_.take_message();
    if (queue.enabled == 0 || !message)
        throw ServerError("the driver has set up no queue, or no interrupt for it");
    vm_.raise_by(call_, *message);
    vm_.signal_by_write(kick_, guest_map::pci_window.base + core::structure::notify);
    io::QueueLayout layout{queue.size, queue.descriptors, queue.driver, queue.device};
    io::QueueError error = server_->start_queue(0, regions_, layout, record.function(0).features,
                                                record.in_flight(0, 0), 0);
    if (error != io::QueueError::none)
        throw ServerError(std::string(describe(error)));
    io::signal_event(kick_); // its thread has not looked yet
}

void DiskFunction::serve(u32 cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    sched_setaffinity(0, sizeof set, &set);
    loop_.watch(end_.get(), EPOLLIN, [this] { loop_.stop(); });
    loop_.watch(kick_.get(), EPOLLIN, [this] {
        io::drain_event(kick_);
        if (poll_)
            loop_.add_poller(this, [this] { server_->poll(); });
        else
            server_->kicked(0);
    });
    loop_.run(poll_);
}

void DiskFunction::notify(u32) {
    io::signal_event(call_);
}

void DiskFunction::broken(u32, io::QueueError error) {
    std::cerr << "the queue is broken: " << describe(error) << '\n';
    std::exit(1); // NOLINT(concurrency-mt-unsafe): nothing can be saved
}

u64 DiskFunction::server_time() const {
    clockid_t clock{};
    timespec time{};
    pthread_getcpuclockid(const_cast<std::thread&>(thread_).native_handle(), &clock);
    clock_gettime(clock, &time);
    return static_cast<u64>(time.tv_sec) * 1'000'000'000 + static_cast<u64>(time.tv_nsec);
}

} // namespace cloison::bench
