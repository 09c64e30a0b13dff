// SPDX-License-Identifier: Apache-2.0
// The MSI-X table and pending bits of a PCI function (PCI Local Bus 3.0, 6.8.2 and 6.8.3), and the
// interrupt messages that its entries make (SDM vol. 3A, 11.11).
#pragma once

#include "firmware/core/devices/ioapic.hpp"

#include <array>
#include <optional>

namespace cloison::core {

/// The interrupt that a PCI function's write of `data` to `address` means to the local APICs, or
/// nullopt where it is none: another address, or what the SDM reserves.
std::optional<Message> message_of_write(u64 address, u32 data);

class MsixTable {
  public:
    static constexpr u32 max_vectors = 32;

    explicit MsixTable(u32 vectors) : vectors_(vectors) {}

    [[nodiscard]] u32 vectors() const { return vectors_; }

    /// Enable and function mask, of the capability, and whether the function may write to memory at
    /// all. Disabling forgets what is pending.
    void control(bool enabled, bool masked, bool bus_master);

    /// A dword of the table; `offset` is a multiple of 4. All-ones behind the last entry.
    [[nodiscard]] u32 read_table(u32 offset) const;
    void write_table(u32 offset, u32 value);
    /// A dword of the pending bits.
    [[nodiscard]] u32 read_pending(u32 offset) const;

    /// Interrupt `vector`, below vectors(). Under a mask it is pending; without MSI-X it is
    /// nothing.
    void raise(u32 vector);
    /// Forgets interrupts that are pending or not yet taken.
    void forget();

    /// The next message, lowest vector first.
    std::optional<Message> take_message();

  private:
    struct Entry {
        u64 address = 0;
        u32 data = 0;
        bool masked = true;
    };

    /// Sends what is pending and no longer masked.
    void serve();

    std::array<Entry, max_vectors> entries_{};
    u32 vectors_;
    u32 pending_ = 0; // under a mask, for the guest to see
    u32 sent_ = 0;    // for take_message()
    bool enabled_ = false;
    bool open_ = false; // enabled, and nothing that masks all
};

} // namespace cloison::core
