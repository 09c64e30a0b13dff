// SPDX-License-Identifier: Apache-2.0
// A board with virtio functions, the adapter record's pages and their server's side of it; and a
// driver of PCI that knows what is where only from what it reads.
#pragma once

#include "firmware/core/devices/board.hpp"
#include "firmware/core/devices/virtio/adapter.hpp"

#include <linux/virtio_ids.h>
#include <optional>
#include <stdexcept>
#include <vector>

namespace cloison::core {

/// What a function has, in memory of its own.
struct FunctionPlan {
    u32 device_id = VIRTIO_ID_BLOCK;
    u64 features = 0;
    std::vector<u16> queue_sizes{256};
    std::vector<u8> device_config{};

    [[nodiscard]] abi::VirtioFunctionConfig config() const {
        return {device_id, features, queue_sizes, device_config};
    }
};

/// Two pieces of RAM, as a partition of more than 3 GiB has them.
inline const std::vector<Extent> test_ram{{0, 0xA0000}, {0x10'0000, 0xFF0'0000}, {4 * gib, gib}};

/// The functions of a partition and their record.
class ServedFunctions {
  public:
    explicit ServedFunctions(const std::vector<FunctionPlan>& plans) : plans_(plans) {
        std::vector<abi::VirtioFunctionConfig> configs;
        for (const FunctionPlan& plan : plans_) {
            configs.push_back(plan.config());
            if (!abi::is_sound(configs.back()))
                throw std::invalid_argument("unsound function");
        }
        pages_.resize(abi::io_adapter_pages(configs));
        objects_.resize(plans.size() * sizeof(VirtioFunction));
        list_ = make_functions(pages_.front().data(), objects_.data(), configs, test_ram);
        plans_.clear(); // nothing may go on looking at them
    }

    [[nodiscard]] abi::IoAdapterRecord record() {
        return abi::IoAdapterRecord(pages_.front().data());
    }
    [[nodiscard]] abi::FunctionPage& page(u32 function) { return record().function(function); }
    [[nodiscard]] abi::ServerPage& server(u32 function) { return record().server(function); }
    [[nodiscard]] abi::BellPage& bells() { return record().bells(); }
    [[nodiscard]] std::span<VirtioFunction> list() const { return list_; }

  private:
    struct alignas(page_size) Page : std::array<u8, page_size> {};

    std::vector<FunctionPlan> plans_;
    std::vector<Page> pages_;
    std::vector<u8> objects_;
    std::span<VirtioFunction> list_;
};

struct ServedBoard : ServedFunctions {
    explicit ServedBoard(const std::vector<FunctionPlan>& plans) : ServedFunctions(plans) {
        board.attach(list());
    }

    std::vector<u8> vectors() {
        std::vector<u8> all;
        while (auto message = board.take_message())
            all.push_back(message->vector);
        return all;
    }
    /// The queue of the next call for the server, if it is for this function.
    std::optional<u32> called(u32 function = 0) {
        auto call = board.take_call();
        return call && call->function == function ? std::optional(call->queue) : std::nullopt;
    }

    Board board{Clock{50'000'000}, 0};
};

/// Configuration space by ports or by ECAM, and memory of BARs.
class PciAccess {
  public:
    PciAccess(Board& board, u32 device, bool ecam = true)
        : board_(board),
          device_(device),
          ecam_(ecam) {}

    [[nodiscard]] u32 get(u32 offset, u32 size = 4, u32 function = 0) {
        if (ecam_)
            return static_cast<u32>(board_.mmio_read(place(offset, function), size));
        board_.port_write(guest_map::pci_address, 4, address(offset, function), 0);
        return board_.port_read(data_port(offset), size, 0);
    }
    void set(u32 offset, u32 size, u32 value) {
        if (ecam_) {
            board_.mmio_write(place(offset, 0), size, value);
            return;
        }
        board_.port_write(guest_map::pci_address, 4, address(offset, 0), 0);
        board_.port_write(data_port(offset), size, value, 0);
    }
    /// Where the first capability of `id` is behind `after`, or 0.
    [[nodiscard]] u32 find_capability(u8 id, u32 after = 0) {
        u32 at = after == 0 ? get(PCI_CAPABILITY_LIST, 1) : get(after + PCI_CAP_LIST_NEXT, 1);
        for (u32 left = 48; at != 0 && left != 0; --left, at = get(at + PCI_CAP_LIST_NEXT, 1))
            if (get(at, 1) == id)
                return at;
        return 0;
    }
    [[nodiscard]] u32 bar() { return get(PCI_BASE_ADDRESS_0) & ~0xFu; }

  private:
    [[nodiscard]] u64 place(u32 offset, u32 function) const {
        return guest_map::ecam.base + (device_ << 15 | function << 12 | offset);
    }
    [[nodiscard]] u32 address(u32 offset, u32 function) const {
        return 0x8000'0000 | device_ << 11 | function << 8 | (offset & 0xFC);
    }
    static u16 data_port(u32 offset) { return static_cast<u16>(guest_map::pci_data + offset % 4); }

    Board& board_;
    u32 device_;
    bool ecam_;
};

} // namespace cloison::core
