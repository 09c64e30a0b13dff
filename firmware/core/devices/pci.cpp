// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/devices/pci.hpp"

#include <bit>

namespace cloison::core {

namespace {

// The PCIe host bridge of QEMU's "virt" machines: a bridge that no driver claims.
constexpr u32 bridge_id = 0x0008'1B36;
constexpr u32 bridge_class = 0x0600'0000; // host bridge, revision 0

constexpr u64 ones(u32 size) {
    return size >= 8 ? ~u64{0} : (u64{1} << (8 * size)) - 1;
}

} // namespace

// --- configuration space ---

u32 PciBus::read_data(u32 offset, u32 size) {
    u32 bus = address_ >> 16 & 0xFF;
    if ((address_ & address_enable) == 0 || bus != 0)
        return static_cast<u32>(ones(size));
    u32 place = (address_ & 0xFF00) << 4 | (address_ & 0xFC) | offset;
    return read_register(place, size);
}

void PciBus::write_data(u32 offset, u32 size, u32 value) {
    u32 bus = address_ >> 16 & 0xFF;
    if ((address_ & address_enable) != 0 && bus == 0)
        write_register((address_ & 0xFF00) << 4 | (address_ & 0xFC) | offset, size, value);
}

VirtioFunction* PciBus::virtio_at(u32 device) {
    usize index = device - 1 - others_.size(); // wraps for those in front
    return index < functions_.size() ? &functions_[index] : nullptr;
}

PciFunction* PciBus::function_at(u32 device) {
    return device - 1 < others_.size() ? others_[device - 1] : virtio_at(device);
}

u32 PciBus::read_dword(u32 device, u32 offset) {
    if (PciFunction* function = function_at(device))
        return function->read_configuration(offset);
    if (device != 0 || empty())
        return ~u32{0};
    return offset == PCI_VENDOR_ID ? bridge_id : offset == PCI_CLASS_REVISION ? bridge_class : 0;
}

u32 PciBus::read_register(u32 place, u32 size) {
    u32 offset = place & 0xFFF, first = place & 3;
    bool there = (place >> 12 & 7) == 0 && offset < PCI_CFG_SPACE_SIZE && first + size <= 4;
    u32 value = there ? read_dword(place >> 15, offset - first) >> (8 * first) : ~u32{0};
    return value & static_cast<u32>(ones(size));
}

void PciBus::write_register(u32 place, u32 size, u32 value) {
    u32 offset = place & 0xFFF, first = place & 3;
    u32 device = place >> 15;
    PciFunction* function = function_at(device);
    if ((place >> 12 & 7) != 0 || offset >= PCI_CFG_SPACE_SIZE || first + size > 4 ||
        function == nullptr)
        return;
    auto mask = static_cast<u32>(ones(size)) << (8 * first);
    function->write_configuration(offset - first, value << (8 * first), mask);
    if (VirtioFunction* virtio = virtio_at(device))
        touched(*virtio);
}

// --- memory ---

PciBus::Target PciBus::target_of(u64 address, u32 size) {
    for (VirtioFunction& function : functions_) {
        Extent window = function.window();
        if (!window.empty() && window.contains(Extent{address, size}))
            return {&function, static_cast<u32>(address - window.base)};
    }
    return {};
}

u64 PciBus::read_memory(u64 address, u32 size) {
    if (guest_map::ecam.contains(Extent{address, size})) {
        auto place = static_cast<u32>(address - guest_map::ecam.base);
        if (size < 8)
            return read_register(place, size);
        return read_register(place, 4) | u64{read_register(place + 4, 4)} << 32;
    }
    Target target = target_of(address, size);
    return target.function != nullptr ? target.function->read_memory(target.offset, size)
                                      : ones(size);
}

void PciBus::write_memory(u64 address, u32 size, u64 value) {
    if (guest_map::ecam.contains(Extent{address, size})) {
        auto place = static_cast<u32>(address - guest_map::ecam.base);
        write_register(place, size < 8 ? size : 4, static_cast<u32>(value));
        if (size == 8)
            write_register(place + 4, 4, static_cast<u32>(value >> 32));
        return;
    }
    Target target = target_of(address, size);
    if (target.function == nullptr)
        return;
    target.function->write_memory(target.offset, size, value);
    touched(*target.function);
}

// --- interrupts and the server ---

u32 PciBus::lines() const {
    u32 lines = 0;
    for (const PciFunction* function : others_)
        lines |= function->lines();
    return lines;
}

void PciBus::ring(abi::Doorbell doorbell) {
    if (doorbell.function >= functions_.size())
        return;
    VirtioFunction& function = functions_[doorbell.function];
    if (doorbell.queue == abi::no_queue)
        function.attend();
    else
        function.used(doorbell.queue);
    touched(function);
}

void PciBus::hear(abi::BellPage& bells) {
    u32 functions = bells.functions.exchange(0, std::memory_order_seq_cst);
    for (; functions != 0; functions &= functions - 1) {
        auto function = static_cast<u32>(std::countr_zero(functions));
        if (function >= functions_.size())
            return;
        u32 queues = bells.queues[function].exchange(0, std::memory_order_acquire);
        if ((queues & abi::page_bell) != 0) // first: it may say that a life has ended
            ring({function, abi::no_queue});
        for (queues &= abi::page_bell - 1; queues != 0; queues &= queues - 1)
            ring({function, static_cast<u32>(std::countr_zero(queues))});
    }
}

void PciBus::restart_functions() {
    for (VirtioFunction& function : functions_) {
        function.restart();
        touched(function);
    }
}

bool PciBus::settled() {
    bool all = true;
    for (VirtioFunction& function : functions_)
        all = all && function.settled();
    return all;
}

void PciBus::touched(VirtioFunction& function) {
    auto index = static_cast<u32>(&function - functions_.data());
    messages_ |= 1u << index;
    if (auto queue = function.take_call())
        call_ = ServerCall{index, *queue};
}

std::optional<Message> PciBus::take_message() {
    for (; messages_ != 0; messages_ &= messages_ - 1) {
        auto index = static_cast<u32>(std::countr_zero(messages_));
        if (auto message = functions_[index].take_message())
            return message;
    }
    return std::nullopt;
}

std::optional<ServerCall> PciBus::take_call() {
    auto call = call_;
    call_.reset();
    return call;
}

} // namespace cloison::core
