// SPDX-License-Identifier: Apache-2.0
// A virtio device as its driver sets it up, whatever the bus (virtio 1.2, chapters 2 and 3):
// status, features, queues, device configuration. What the driver sets goes into the FunctionPage
// of the adapter record, where the server finds it. Nothing here waits for the server or believes
// it.
//
// Registers are those of linux/virtio_pci.h, struct virtio_pci_common_cfg.
#pragma once

#include "firmware/abi/io_adapter.hpp"

#include <array>
#include <linux/virtio_pci.h>
#include <optional>
#include <span>

namespace cloison::core {

class VirtioTransport {
  public:
    /// `config` is_sound(). `ram` is the partition's memory, guest-physical; it and the pages,
    /// which are zeroed memory at first, stay as long as this.
    VirtioTransport(const abi::VirtioFunctionConfig& config, abi::FunctionPage& page,
                    abi::ServerPage& server, std::span<const Extent> ram);

    /// What a register write asks for.
    enum class Effect : u8 {
        none,
        reset,    // interrupts that wait are of an earlier life
        announce, // the driver has to get a configuration change interrupt
    };

    /// The dword of the common configuration at `offset`, a multiple of 4 below its size.
    [[nodiscard]] u32 read_common(u32 offset);
    /// Only whole fields can be written, and the halves of 64-bit ones (virtio 1.2, 4.1.3.1).
    Effect write_common(u32 offset, u32 size, u32 value);

    /// The dword of the device configuration at `offset`, as read_common(). It cannot be written.
    [[nodiscard]] u32 read_config(u32 offset) const;
    [[nodiscard]] u32 config_size() const { return config_size_; }

    [[nodiscard]] u32 queues() const { return queues_; }
    /// MSI-X vectors that the driver may choose from: one for each queue, one for configuration.
    [[nodiscard]] u32 vectors() const { return queues_ + 1; }
    [[nodiscard]] u32 isr() const { return isr_; }
    /// Reading the ISR status clears it (4.1.4.5).
    u32 take_isr();

    /// As a reset by the driver, when there is none any more: the partition starts anew.
    void restart() { reset(); }
    /// True when nothing of an earlier life can reach the partition's memory.
    [[nodiscard]] bool settled() { return !resetting(); }

    /// The driver says that `queue` has something available.
    void notify(u32 queue);
    /// What the server has to be called for: a queue, or abi::no_queue for changes in the page.
    std::optional<u32> take_call();

    /// The server says that it has used something of `queue`: the MSI-X vector to raise, or
    /// VIRTIO_MSI_NO_VECTOR. nullopt when that queue does not run.
    std::optional<u16> used(u32 queue);
    /// The server says that its page has changed. True when the driver has to be told.
    [[nodiscard]] bool attend();
    /// Notes a configuration change: the MSI-X vector to raise, or VIRTIO_MSI_NO_VECTOR.
    u16 announce();

  private:
    [[nodiscard]] u32 status() const { return page_.status.load(std::memory_order_relaxed); }
    [[nodiscard]] bool has(u32 status_bit) const { return (status() & status_bit) != 0; }
    [[nodiscard]] bool runs() const;
    [[nodiscard]] bool resetting();
    [[nodiscard]] virtio_pci_common_cfg common();
    [[nodiscard]] bool features_accepted() const;
    [[nodiscard]] abi::QueueRecord* selected() const;
    [[nodiscard]] bool is_ring(const abi::QueueRecord& queue) const;

    Effect write_status(u32 value);
    void write_features(u32 value);
    Effect write_queue(u32 access, u32 value);
    Effect enable(abi::QueueRecord& queue);
    Effect fail();
    void reset();
    void forget_driver();
    [[nodiscard]] bool copy_config();
    /// What the driver reads back says whether it got the vector (4.1.5.1.2).
    [[nodiscard]] u16 vector_or_none(u32 vector) const {
        return vector < vectors() ? static_cast<u16>(vector) : u16{VIRTIO_MSI_NO_VECTOR};
    }

    abi::FunctionPage& page_;
    abi::ServerPage& server_;
    std::span<const Extent> ram_;
    u32 queues_; // nothing that is shared bounds an index
    u32 config_size_;
    std::optional<u32> call_;
    u32 offered_select_ = 0;
    u32 accepted_select_ = 0;
    u32 config_sequence_ = 0; // of the server's page, when last copied
    u32 ended_status_ = 0;    // what the driver reads while the server lets go of the last life
    u32 isr_ = 0;
    u16 queue_select_ = 0;
    u16 config_vector_ = VIRTIO_MSI_NO_VECTOR;
    std::array<u16, abi::max_virtqueues> queue_vectors_{};
};

} // namespace cloison::core
