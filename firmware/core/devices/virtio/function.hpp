// SPDX-License-Identifier: Apache-2.0
// A virtio device as a PCI function (virtio 1.2, 4.1): a type-0 header, one memory BAR with all
// structures, MSI-X. No legacy interface, no INTx.
#pragma once

#include "firmware/core/devices/msix.hpp"
#include "firmware/core/devices/pci_function.hpp"
#include "firmware/core/devices/virtio/transport.hpp"

#include <linux/pci_regs.h>

namespace cloison::core {

class VirtioFunction final : public PciFunction {
  public:
    /// Bytes of its BAR: a page for each structure.
    static constexpr u32 bar_size = 8 * page_size;

    /// The `index`th function of the partition, from 0. The rest as VirtioTransport has it. The BAR
    /// has a place from the start, for guests that do not give one.
    VirtioFunction(u32 index, const abi::VirtioFunctionConfig& config, abi::FunctionPage& page,
                   abi::ServerPage& server, std::span<const Extent> ram);

    [[nodiscard]] u32 read_configuration(u32 offset) override;
    void write_configuration(u32 offset, u32 value, u32 mask) override;

    /// Where the BAR answers: nowhere (empty), unless memory decoding is on and all of it lies in
    /// guest_map::pci_window.
    [[nodiscard]] Extent window() const;
    /// `size` is 1, 2, 4 or 8; all of it lies in the BAR.
    [[nodiscard]] u64 read_memory(u32 offset, u32 size);
    void write_memory(u32 offset, u32 size, u64 value);

    /// As after power-on. What the server still does for the last life goes on until settled().
    void restart();
    [[nodiscard]] bool settled() { return transport_.settled(); }

    /// The server has used something of `queue`, or has changed its page.
    void used(u32 queue);
    void attend();

    /// As those of VirtioTransport and MsixTable.
    std::optional<u32> take_call() { return transport_.take_call(); }
    std::optional<Message> take_message() { return msix_.take_message(); }

  private:
    [[nodiscard]] u32 get(u32 offset, u32 size = 4) const;
    void set(u32 offset, u32 size, u32 value);
    void add_capabilities();
    void add_structure(u32& at, u8 type, u8 size, u32 offset, u32 length);
    [[nodiscard]] u32 writable_bits(u32 offset) const;
    [[nodiscard]] bool bus_master() const;
    [[nodiscard]] bool msix_enabled() const;
    void update_msix();

    /// The access that the PCI configuration access capability stands for, or nullopt (4.1.4.9).
    struct Access {
        u32 offset;
        u32 size;
    };
    [[nodiscard]] std::optional<Access> indirect_access() const;

    [[nodiscard]] u32 read_dword(u32 offset);
    void write_dword(u32 offset, u32 size, u32 value);
    void raise(u16 vector);

    std::array<u8, PCI_CFG_SPACE_SIZE> bytes_{}; // what of it is constant or simply kept
    u32 indirect_ = 0;                           // offset of that capability
    u32 home_;                                   // of the BAR
    VirtioTransport transport_;
    MsixTable msix_;
};

} // namespace cloison::core
