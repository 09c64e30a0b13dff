// SPDX-License-Identifier: Apache-2.0
// A driver for virtio-pci in the steps of Linux's (virtio_pci_modern_dev.c): finds its structures
// by their capabilities, and knows nothing of the device but what they say.
#pragma once

#include "tests/unit/devices/served_board.hpp"

namespace cloison::core {

class VirtioDriver {
  public:
    struct Structure {
        u64 address = 0;
        u32 length = 0;
        u32 capability = 0; // its offset
    };

    /// Turns the function on, with MSI-X if wanted, and finds its structures.
    explicit VirtioDriver(Board& board, u32 device = 1) : pci(board, device), board_(board) {
        pci.set(PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
        common = find(VIRTIO_PCI_CAP_COMMON_CFG);
        isr = find(VIRTIO_PCI_CAP_ISR_CFG);
        notify = find(VIRTIO_PCI_CAP_NOTIFY_CFG);
        config = find(VIRTIO_PCI_CAP_DEVICE_CFG);
        multiplier_ = pci.get(notify.capability + VIRTIO_PCI_NOTIFY_CAP_MULT);
        msix_ = pci.find_capability(PCI_CAP_ID_MSIX);
    }

    Structure find(u8 type) {
        for (u32 at = pci.find_capability(PCI_CAP_ID_VNDR); at != 0;
             at = pci.find_capability(PCI_CAP_ID_VNDR, at))
            if (pci.get(at + VIRTIO_PCI_CAP_CFG_TYPE, 1) == type)
                return {u64{pci.bar()} + pci.get(at + VIRTIO_PCI_CAP_OFFSET),
                        pci.get(at + VIRTIO_PCI_CAP_LENGTH), at};
        return {};
    }

    u64 read(u64 address, u32 size) { return board_.mmio_read(address, size); }
    void write(u64 address, u32 size, u64 value) { board_.mmio_write(address, size, value); }
    u32 get(u32 field, u32 size) { return static_cast<u32>(read(common.address + field, size)); }
    void set(u32 field, u32 size, u32 value) { write(common.address + field, size, value); }

    // --- status and features ---

    u32 status() { return get(VIRTIO_PCI_COMMON_STATUS, 1); }
    void add_status(u32 bits) { set(VIRTIO_PCI_COMMON_STATUS, 1, status() | bits); }
    void begin_reset() { set(VIRTIO_PCI_COMMON_STATUS, 1, 0); }
    u64 offered() {
        u64 features = 0;
        for (u32 half : {0u, 1u}) {
            set(VIRTIO_PCI_COMMON_DFSELECT, 4, half);
            features |= u64{get(VIRTIO_PCI_COMMON_DF, 4)} << (32 * half);
        }
        return features;
    }
    void accept(u64 features) {
        for (u32 half : {0u, 1u}) {
            set(VIRTIO_PCI_COMMON_GFSELECT, 4, half);
            set(VIRTIO_PCI_COMMON_GF, 4, static_cast<u32>(features >> (32 * half)));
        }
    }
    /// Up to FEATURES_OK; false when the device does not agree.
    bool negotiate(u64 features) {
        add_status(VIRTIO_CONFIG_S_ACKNOWLEDGE);
        add_status(VIRTIO_CONFIG_S_DRIVER);
        accept(features);
        add_status(VIRTIO_CONFIG_S_FEATURES_OK);
        return (status() & VIRTIO_CONFIG_S_FEATURES_OK) != 0;
    }
    void finish() { add_status(VIRTIO_CONFIG_S_DRIVER_OK); }

    // --- queues ---

    void select(u32 queue) { set(VIRTIO_PCI_COMMON_Q_SELECT, 2, queue); }
    u32 queue_size() { return get(VIRTIO_PCI_COMMON_Q_SIZE, 2); }
    bool enabled() { return get(VIRTIO_PCI_COMMON_Q_ENABLE, 2) != 0; }
    void place(u64 descriptors, u64 available, u64 used) {
        auto put = [&](u32 low, u64 value) {
            set(low, 4, static_cast<u32>(value));
            set(low + 4, 4, static_cast<u32>(value >> 32));
        };
        put(VIRTIO_PCI_COMMON_Q_DESCLO, descriptors);
        put(VIRTIO_PCI_COMMON_Q_AVAILLO, available);
        put(VIRTIO_PCI_COMMON_Q_USEDLO, used);
    }
    /// The selected queue, with rings in three pages from `at`.
    bool enable(u64 at = 0x10'0000) {
        place(at, at + 0x1000, at + 0x2000);
        set(VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
        return enabled();
    }
    void kick(u32 queue) {
        select(queue);
        u64 offset = u64{get(VIRTIO_PCI_COMMON_Q_NOFF, 2)} * multiplier_;
        write(notify.address + offset, 2, queue);
    }

    // --- interrupts ---

    u32 vectors() { return (pci.get(msix_ + PCI_MSIX_FLAGS, 2) & PCI_MSIX_FLAGS_QSIZE) + 1; }
    u64 entry(u32 vector) {
        return pci.bar() + u64{pci.get(msix_ + PCI_MSIX_TABLE)} + u64{vector} * PCI_MSIX_ENTRY_SIZE;
    }
    u32 pending() {
        return static_cast<u32>(read(pci.bar() + u64{pci.get(msix_ + PCI_MSIX_PBA)}, 4));
    }
    void msix_flags(u32 flags) { pci.set(msix_ + PCI_MSIX_FLAGS, 2, flags); }
    void mask(u32 vector, bool on) { write(entry(vector) + PCI_MSIX_ENTRY_VECTOR_CTRL, 4, on); }
    /// As msix_capability_init: all masked while the table is written. Entry i has vector base + i.
    void enable_msix(u8 base = 0x60) {
        msix_flags(PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
        for (u32 i = 0; i < vectors(); ++i) {
            write(entry(i), 4, 0xFEE0'0000);
            write(entry(i) + PCI_MSIX_ENTRY_UPPER_ADDR, 4, 0);
            write(entry(i) + PCI_MSIX_ENTRY_DATA, 4, base + i);
            mask(i, false);
        }
        msix_flags(PCI_MSIX_FLAGS_ENABLE);
    }
    bool config_vector(u16 vector) {
        set(VIRTIO_PCI_COMMON_MSIX, 2, vector);
        return get(VIRTIO_PCI_COMMON_MSIX, 2) == vector;
    }
    bool queue_vector(u16 vector) {
        set(VIRTIO_PCI_COMMON_Q_MSIX, 2, vector);
        return get(VIRTIO_PCI_COMMON_Q_MSIX, 2) == vector;
    }

    /// All of it, with vector 0 for configuration and i + 1 for queue i.
    bool start(u64 features = u64{1} << VIRTIO_F_VERSION_1) {
        begin_reset();
        if (status() != 0 || !negotiate(features))
            return false;
        enable_msix();
        bool good = config_vector(0);
        for (u32 i = 0; i < get(VIRTIO_PCI_COMMON_NUMQ, 2); ++i) {
            select(i);
            good = good && queue_vector(static_cast<u16>(i + 1)) && enable(0x10'0000 + i * 0x4000);
        }
        finish();
        return good && (status() & VIRTIO_CONFIG_S_DRIVER_OK) != 0;
    }

    PciAccess pci;
    Structure common, isr, notify, config;

  private:
    Board& board_;
    u32 multiplier_ = 0;
    u32 msix_ = 0;
};

} // namespace cloison::core
