// SPDX-License-Identifier: Apache-2.0
// Virtio functions on bus 0, as a driver finds them: by ECAM (PCI Express Base, 7.2.2), through the
// capabilities of virtio 1.2, 4.1.4, and MSI-X. Whoever loaded this has placed the BARs.
#pragma once

#include "firmware/abi/types.hpp"

#include <optional>

namespace cloison::bench {

class PciFunction {
  public:
    explicit PciFunction(u32 device) : device_(device) {}

    template <typename T>
    [[nodiscard]] T read(u32 offset) const {
        return *at<T>(offset);
    }
    template <typename T>
    void write(u32 offset, T value) const {
        *at<T>(offset) = value;
    }

    /// Where BAR 0, a 32-bit one, is.
    [[nodiscard]] u64 bar() const;
    /// Where the structure of a type of linux/virtio_pci.h is, or 0: VIRTIO_PCI_CAP_*.
    [[nodiscard]] u64 structure(u8 type) const;
    /// Bytes between the notification registers of two queues (4.1.4.4).
    [[nodiscard]] u32 notify_multiplier() const;
    /// Has MSI-X entry `entry` send interrupt `vector` to the CPU with this APIC ID.
    void set_interrupt(u32 entry, u32 apic_id, u32 vector) const;
    /// Decodes memory, may reach ours, has MSI-X.
    void enable() const;

  private:
    template <typename T>
    [[nodiscard]] volatile T* at(u32 offset) const;
    /// The first capability of that ID behind `from` (0: the first of all), or 0.
    [[nodiscard]] u32 capability(u8 id, u32 from = 0) const;
    [[nodiscard]] u32 virtio_capability(u8 type) const;

    u32 device_;
};

/// The first virtio function of an ID of linux/virtio_ids.h.
std::optional<PciFunction> find_virtio(u32 virtio_id);

} // namespace cloison::bench
