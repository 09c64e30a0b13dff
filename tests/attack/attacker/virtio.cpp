// SPDX-License-Identifier: Apache-2.0
// A hostile driver: rings that lie in every way to the server of its disk. The disk then needs a
// reset, which always helps; what the neighbours are served, they notice nothing.
#include "tests/attack/attacker/scenarios.hpp"

#include "firmware/abi/virtio_function.hpp"
#include "firmware/x86/instructions.hpp"
#include "tests/bench/io/guest/device.hpp"
#include "tests/guest/check.hpp"
#include "tests/guest/guest.hpp"

#include <linux/virtio_blk.h>
#include <linux/virtio_ids.h>

namespace cloison::attack {

using namespace guest;
using bench::QueueMemory;
using bench::VirtioDevice;

namespace {

constexpr u64 patience = 2'000'000'000; // ticks: the server may be busy, or not there yet
constexpr u16 next = VRING_DESC_F_NEXT, writable = VRING_DESC_F_WRITE,
              indirect = VRING_DESC_F_INDIRECT;

QueueMemory rings;
alignas(page_size) vring_desc table[16];
alignas(page_size) u8 data[page_size];
virtio_blk_outhdr header;
volatile u8 status;

u64 address_of(const volatile void* object) {
    return reinterpret_cast<u64>(object);
}

/// The disk, from its reset on.
class Disk {
  public:
    explicit Disk(const bench::PciFunction& function)
        : device_(function),
          common_(reinterpret_cast<volatile virtio_pci_common_cfg*>(
              function.structure(VIRTIO_PCI_CAP_COMMON_CFG))) {}

    bool start() {
        rings = {};
        constexpr u64 needed = abi::feature_bit(VIRTIO_F_VERSION_1),
                      wanted = abi::feature_bit(VIRTIO_RING_F_INDIRECT_DESC);
        if (!device_.negotiate(needed, wanted))
            return false;
        notify_ = reinterpret_cast<volatile u16*>(device_.start_queue(0, rings));
        device_.driver_ok();
        return notify_ != nullptr;
    }
    void reset() { common_->device_status = 0; }
    [[nodiscard]] u8 device_status() const { return common_->device_status; }
    volatile virtio_pci_common_cfg& registers() { return *common_; }

    /// Offers `count` heads from descriptor 0 on, then says so.
    void offer(u16 count) {
        for (u16 i = 0; i < count; ++i)
            rings.available.ring[i] = i;
        publish(count);
    }
    void publish(u16 index) {
        std::atomic_ref(rings.available.index).store(index, std::memory_order_seq_cst);
        *notify_ = 0;
    }

  private:
    VirtioDevice device_;
    volatile virtio_pci_common_cfg* common_;
    volatile u16* notify_ = nullptr;
};

template <typename F>
bool in_time(F&& happened) {
    for (u64 begin = x86::rdtsc(); !happened();)
        if (x86::rdtsc() - begin > patience)
            return false;
    return true;
}

/// A chain of three that reads the first page of the disk.
void describe_read(u32 at = 0) {
    header = {VIRTIO_BLK_T_IN, 0, 0};
    auto last = static_cast<u16>(at + 2);
    rings.descriptors[at] = {address_of(&header), sizeof header, next, static_cast<u16>(at + 1)};
    rings.descriptors[at + 1] = {address_of(data), page_size, next | writable, last};
    rings.descriptors[at + 2] = {address_of(&status), 1, writable, 0};
}

/// The disk serves an honest request.
bool serves(Disk& disk) {
    if (!disk.start())
        return false;
    describe_read();
    status = 0xFF;
    disk.offer(1);
    return in_time([] { return std::atomic_ref(rings.used.index).load() == 1; }) &&
           status == VIRTIO_BLK_S_OK;
}

/// After `spoil`, the disk wants a reset; after the reset it serves.
template <typename F>
void expect_refusal(Disk& disk, const char* name, F&& spoil) {
    Check check(name);
    check.expect(disk.start(), "start");
    describe_read();
    spoil();
    check.expect(in_time([&] { return (disk.device_status() & VIRTIO_CONFIG_S_NEEDS_RESET) != 0; }),
                 "needs-reset", 0, disk.device_status());
    check.expect(serves(disk), "serves-again");
}

void lie_in_chains(Disk& disk) {
    vring_desc* d = rings.descriptors;
    expect_refusal(disk, "virtio-loop", [&] {
        d[1].next = 0;
        disk.offer(1);
    });
    expect_refusal(disk, "virtio-length-wraps", [&] {
        d[1].addr = ~u64{0} - 16;
        d[1].len = page_size;
        disk.offer(1);
    });
    expect_refusal(disk, "virtio-behind-memory", [&] {
        d[1].addr = ram_end() - 512;
        disk.offer(1);
    });
    expect_refusal(disk, "virtio-other-memory", [&] {
        d[1].addr = 64 * gib; // in nobody's
        disk.offer(1);
    });
    expect_refusal(disk, "virtio-next-too-high", [&] {
        d[0].next = 0xFFFF;
        disk.offer(1);
    });
    expect_refusal(disk, "virtio-header-in-hole", [&] {
        d[0].addr = 0xA0000;
        disk.offer(1);
    });
}

void lie_in_indirect_tables(Disk& disk) {
    vring_desc* d = rings.descriptors;
    auto offer_table = [&](u64 at, u32 length) {
        for (u32 i = 0; i < 3; ++i)
            table[i] = d[i];
        d[0] = {at, length, indirect, 0};
        disk.offer(1);
    };
    constexpr u32 whole = 3 * sizeof(vring_desc);
    expect_refusal(disk, "virtio-indirect-cut", [&] { offer_table(address_of(table), whole - 1); });
    expect_refusal(disk, "virtio-indirect-empty", [&] { offer_table(address_of(table), 0); });
    expect_refusal(disk, "virtio-indirect-outside", [&] { offer_table(ram_end() - 8, whole); });
    expect_refusal(disk, "virtio-indirect-nested", [&] {
        d[1] = {address_of(table), whole, indirect, 0};
        offer_table(address_of(table), whole);
    });
}

void lie_in_indices(Disk& disk) {
    expect_refusal(disk, "virtio-head-too-high", [&] {
        rings.available.ring[0] = QueueMemory::size;
        disk.publish(1);
    });
    expect_refusal(disk, "virtio-index-jumps", [&] { disk.publish(QueueMemory::size + 1); });
    expect_refusal(disk, "virtio-index-back", [&] { disk.publish(0xFFFF); });
}

/// Rings that change place under the server, which it must not follow.
void move_rings(Disk& disk) {
    Check check("virtio-rings-moved");
    check.expect(disk.start(), "start");
    volatile virtio_pci_common_cfg& registers = disk.registers();
    registers.queue_select = 0;
    registers.queue_used_lo = 0xFEE0'0000;
    registers.queue_desc_hi = 0x7F;
    registers.queue_size = 1;
    check.expect_equal(registers.queue_used_lo, address_of(&rings.used), "used");
    check.expect_equal(registers.queue_size, QueueMemory::size, "size");
    describe_read();
    disk.offer(1);
    check.expect(in_time([] { return std::atomic_ref(rings.used.index).load() == 1; }), "served");
}

/// Resets with requests under way: the memory is the driver's again when the reset has ended.
void reset_in_flight(Disk& disk) {
    Check check("virtio-reset-in-flight");
    for (u32 turn = 0; turn < 16; ++turn) {
        check.expect(disk.start(), "start", turn);
        for (u16 i = 0; i < 60; i += 3)
            describe_read(i);
        for (u16 i = 0; i < 20; ++i)
            rings.available.ring[i] = static_cast<u16>(3 * i);
        disk.publish(20);
        wait_ticks(turn * 10'000);
        disk.reset();
        check.expect(in_time([&] { return disk.device_status() == 0; }), "reset", turn);
        for (u8& byte : data)
            byte = 0x5A;
        status = 0x5A;
        wait_ticks(200'000);
        bool kept = status == 0x5A;
        for (u8 byte : data)
            kept = kept && byte == 0x5A;
        check.expect(kept, "memory", turn);
    }
    check.expect(serves(disk), "serves-again");
}

} // namespace

void attack_virtio() {
    auto function = bench::find_virtio(VIRTIO_ID_BLOCK);
    if (!function) {
        Check("virtio-disk").expect(false, "not-there");
        return;
    }
    Disk disk(*function);
    {
        Check check("virtio-honest");
        check.expect(serves(disk), "served"); // as soon as there is a server
    }
    lie_in_chains(disk);
    lie_in_indirect_tables(disk);
    lie_in_indices(disk);
    move_rings(disk);
    reset_in_flight(disk);
}

} // namespace cloison::attack
