// SPDX-License-Identifier: Apache-2.0
// Brings a virtio function up (virtio 1.2, 3.1.1), with one MSI-X interrupt for its queues.
#pragma once

#include "tests/bench/io/guest/pci.hpp"
#include "tests/bench/io/guest/queue.hpp"

#include <linux/virtio_pci.h>

namespace cloison::bench {

inline constexpr u32 io_vector = 0x50;

class VirtioDevice {
  public:
    explicit VirtioDevice(const PciFunction& function)
        : function_(function),
          common_(reinterpret_cast<volatile virtio_pci_common_cfg*>(
              function.structure(VIRTIO_PCI_CAP_COMMON_CFG))) {}

    /// From a reset to FEATURES_OK: takes what of `wanted` is offered. False where the device
    /// lacks one of `needed`, or refuses.
    bool negotiate(u64 needed, u64 wanted);
    /// Tells of a queue; its interrupt is io_vector, on this CPU. Gives where to ring, 0 where the
    /// queue cannot be as large.
    u64 start_queue(u16 index, const QueueMemory& memory);
    void driver_ok();

    template <typename Config>
    [[nodiscard]] volatile Config* config() const {
        return reinterpret_cast<volatile Config*>(function_.structure(VIRTIO_PCI_CAP_DEVICE_CFG));
    }

  private:
    [[nodiscard]] u64 offered() const;
    void accept(u64 features) const;

    PciFunction function_;
    volatile virtio_pci_common_cfg* common_;
};

} // namespace cloison::bench
