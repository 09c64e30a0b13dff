// SPDX-License-Identifier: Apache-2.0
// A client partition under arbitrary accesses to its PCI bus, from a server that writes arbitrary
// things into its pages and rings arbitrary doorbells; after each, what must hold whatever they do.
// For the property test and the fuzzer.
#pragma once

#include "tests/unit/core/fake_machine.hpp"
#include "tests/unit/devices/served_board.hpp"

#include <cstdio>
#include <cstdlib>

namespace cloison::core {

class PciStorm {
  public:
    PciStorm() {
        client_.partition.attach(served_.list(), served_.record(), {call, this});
        for (u32 i = 0; i < functions; ++i)
            seen_[i] = state(i);
    }

    /// One thing that somebody does. `source` has bits() and below(n).
    template <typename Source>
    void step(Source& source) {
        calls_ = 0;
        u32 function = source.below(functions);
        switch (source.below(16)) {
        case 0:
        case 1:
            access(config_address(source), size_of(source), source.bits(), source.below(2) != 0);
            break;
        case 2:
            ports(source);
            break;
        case 3: // anywhere in the window
            access(window.base + source.bits() % window.size, size_of(source), source.bits(),
                   source.below(2) != 0);
            break;
        case 4:
            turn_on(function);
            break;
        case 5:
            start(function);
            break;
        case 6:
        case 7:
            server_writes(source, function);
            break;
        case 8:
        case 9:
            ring(source.below(32), static_cast<u32>(source.bits()));
            break;
        case 10:
            ring(function, abi::page_bell | 1u << source.below(4));
            break;
        default:
            access(bar_address(source, function), size_of(source), source.bits(),
                   source.below(4) != 0);
            break;
        }
        check();
    }

  private:
    static constexpr u32 functions = 3;
    static constexpr Extent window = guest_map::pci_window;
    static constexpr u32 driver_ok = VIRTIO_CONFIG_S_DRIVER_OK;

    /// What changes only by the rules.
    struct State {
        u32 device_id = 0, queues = 0, config_size = 0, epoch = 0, status = 0, kicks = 0;
        u64 offered = 0;
        bool operator==(const State&) const = default;
    };

    static std::vector<FunctionPlan> plans() {
        return {{.device_id = VIRTIO_ID_BLOCK, .features = 0x200, .device_config = {1, 2, 3}},
                {.device_id = VIRTIO_ID_NET,
                 .features = abi::ring_features | 0x8000'0000'0000'0001,
                 .queue_sizes = {128, 2, 1},
                 .device_config = std::vector<u8>(256, 7)},
                {.device_id = VIRTIO_ID_RNG,
                 .queue_sizes = std::vector<u16>(abi::max_virtqueues, u16{256})}};
    }

    static void require(bool condition, const char* what) {
        if (!condition) {
            std::fprintf(stderr, "%s\n", what);
            std::abort();
        }
    }
    static void call(void* context, VirtualCpu&, const ServerCall& what) {
        static_cast<PciStorm*>(context)->called(what);
    }
    void called(const ServerCall& what) {
        require(++calls_ == 1, "more than one call for an access");
        require(what.function < functions, "a call for a function that is not there");
        require(what.queue == abi::no_queue ||
                    (what.queue < served_.page(what.function).queues &&
                     served_.page(what.function).queue[what.queue].enabled.load() == 1),
                "a call for a queue that does not run");
    }

    State state(u32 function) {
        const abi::FunctionPage& page = served_.page(function);
        u32 kicks = 0;
        for (const auto& count : page.kicks)
            kicks += count.load();
        return {page.device_id,     page.queues, page.config_size, page.epoch.load(),
                page.status.load(), kicks,       page.offered};
    }

    /// By the doorbell, or since somebody listened.
    void ring(u32 function, u32 queues) {
        abi::BellPage& bells = served_.bells();
        if (function < abi::max_virtio_functions)
            bells.queues[function].fetch_or(queues);
        bells.functions.fetch_or(1u << function);
        client_.partition.hear_bells(control_.cpu(0));
        require(!client_.partition.has_bells(), "a bell that nobody heard");
    }

    template <typename Source>
    static u32 size_of(Source& source) {
        return 1u << source.below(4);
    }
    template <typename Source>
    static u64 config_address(Source& source) {
        u32 device = source.below(8) == 0 ? source.below(32) : 1 + source.below(functions);
        u32 part = source.below(16) == 0 ? source.below(8) << 12 : 0;
        return guest_map::ecam.base + (device << 15 | part | (source.bits() & 0x1FF));
    }
    /// In a structure of the function's, near its beginning, where the BAR is now.
    template <typename Source>
    u64 bar_address(Source& source, u32 function) {
        u32 page = source.below(3) != 0 ? 0 : source.below(9);
        u32 most = source.below(16) == 0 ? 4096 : page == 4 ? 16 * 18 : 64;
        u32 offset = static_cast<u32>(source.bits()) % most;
        return register32(function, PCI_BASE_ADDRESS_0) + page * page_size +
               (source.below(8) == 0 ? offset : offset & ~1u);
    }

    u64 read(u64 address, u32 size) {
        u64 value = client_.partition.mmio_read(client_.cpu(0), address, size);
        require(size == 8 || value >> (8 * size) == 0, "a value is wider than the access");
        return value;
    }
    u32 register32(u32 function, u32 offset) {
        return static_cast<u32>(read(guest_map::ecam.base + ((function + 1) << 15) + offset, 4));
    }
    /// Where BAR 0 must answer, by what configuration space says.
    Extent bar(u32 function) {
        Extent extent{register32(function, PCI_BASE_ADDRESS_0), VirtioFunction::bar_size};
        bool on = (register32(function, PCI_COMMAND) & PCI_COMMAND_MEMORY) != 0;
        return on && window.contains(extent) ? extent : Extent{};
    }

    void access(u64 address, u32 size, u64 value, bool write) {
        if (!client_.partition.claims(address))
            return;
        Extent all{address, size};
        if (write) {
            client_.partition.mmio_write(client_.cpu(0), address, size,
                                         size == 8 ? value : value & ((u64{1} << (8 * size)) - 1));
            return;
        }
        bool nobody = window.contains(all);
        for (u32 i = 0; i < functions; ++i)
            nobody = nobody && !bar(i).contains(all);
        u64 got = read(address, size);
        u64 ones = size == 8 ? ~u64{0} : (u64{1} << (8 * size)) - 1;
        require(!nobody || got == ones, "nothing is not all-ones");
    }

    template <typename Source>
    void ports(Source& source) {
        auto& cpu = client_.cpu(0);
        if (source.below(2) == 0) {
            u32 address = source.below(4) == 0 ? static_cast<u32>(source.bits())
                                               : 0x8000'0000 | (1 + source.below(functions)) << 11 |
                                                     (source.below(0x40) << 2);
            client_.partition.port_write(cpu, guest_map::pci_address, 4, address);
        }
        auto port = static_cast<u16>(guest_map::pci_data + source.below(4));
        u32 size = 1u << source.below(3);
        if (source.below(2) == 0)
            client_.partition.port_write(cpu, port, size, static_cast<u32>(source.bits()));
        else
            (void)client_.partition.port_read(cpu, port, size);
    }

    void turn_on(u32 function) {
        u64 base = guest_map::ecam.base + ((function + 1) << 15);
        access(base + PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, true);
        calls_ = 0;
        access(base + PCI_BASE_ADDRESS_0, 4, window.base + u64{function} * VirtioFunction::bar_size,
               true);
        calls_ = 0;
        access(base + PCI_STD_HEADER_SIZEOF + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE, true);
    }

    /// A well-behaved driver's way into a running device, as far as others have left it one.
    void start(u32 function) {
        u64 base = register32(function, PCI_BASE_ADDRESS_0);
        u64 offered = served_.page(function).offered;
        auto put = [&](u32 field, u32 size, u64 value) {
            calls_ = 0;
            access(base + field, size, value, true);
            check();
        };
        put(VIRTIO_PCI_COMMON_STATUS, 1, 0);
        put(VIRTIO_PCI_COMMON_STATUS, 1, 3);
        put(VIRTIO_PCI_COMMON_GFSELECT, 4, 0);
        put(VIRTIO_PCI_COMMON_GF, 4, offered);
        put(VIRTIO_PCI_COMMON_GFSELECT, 4, 1);
        put(VIRTIO_PCI_COMMON_GF, 4, offered >> 32);
        put(VIRTIO_PCI_COMMON_STATUS, 1, 11);
        put(VIRTIO_PCI_COMMON_MSIX, 2, 0);
        for (u32 queue = 0; queue < 2; ++queue) {
            put(VIRTIO_PCI_COMMON_Q_SELECT, 2, queue);
            put(VIRTIO_PCI_COMMON_Q_MSIX, 2, queue + 1);
            put(VIRTIO_PCI_COMMON_Q_DESCLO, 4, u64{page_size} * queue);
            put(VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
        }
        put(VIRTIO_PCI_COMMON_STATUS, 1, 15);
    }

    /// Any word of the server's page; or what an honest server would write.
    template <typename Source>
    void server_writes(Source& source, u32 function) {
        abi::ServerPage& server = served_.server(function);
        const abi::FunctionPage& page = served_.page(function);
        u32 queue = source.below(abi::max_virtqueues);
        switch (source.below(6)) {
        case 0:
            server.epoch = page.epoch.load();
            break;
        case 1:
            server.seen[queue] = page.kicks[queue].load();
            break;
        case 2:
            server.needs_reset = page.epoch.load();
            break;
        default: {
            auto* words = reinterpret_cast<std::atomic<u32>*>(&server);
            words[source.bits() % (sizeof server / sizeof *words)] =
                static_cast<u32>(source.bits());
            break;
        }
        }
        if (server.epoch.load() == page.epoch.load())
            let_go_[function] = true;
    }

    void check() {
        for (u32 i = 0; i < functions; ++i) {
            check_function(i);
            for (u32 queue = 0; queue < abi::max_virtqueues; ++queue)
                check_queue(served_.page(i), queue);
        }
        auto& cpu = client_.cpu(0);
        client_.partition.mmio_write(cpu, guest_map::ioapic, 4, 1);
        require(read(guest_map::ioapic + 0x10, 4) == 0x0017'0011, "the I/O APIC has moved");
        require(read(guest_map::ecam.base, 4) == 0x0008'1B36, "the bridge has moved");
        require(!client_.partition.claims(guest_map::local_apic), "the local APIC is claimed");
        require(control_.machine.kicks.empty() && control_.machine.alerts.empty() &&
                    control_.cpu(0).events.load() == 0,
                "an interrupt left its partition");
        for (u32 id = 0; id < 2; ++id)
            (void)client_.take_interrupts(id);
    }

    void check_function(u32 function) {
        const abi::FunctionPage& page = served_.page(function);
        State now = state(function), before = seen_[function];
        bool ends = now.epoch != before.epoch;
        require(!ends || (now.epoch == before.epoch + 1 && now.status == 0 &&
                          (before.status & driver_ok) != 0),
                "a life ended that did not run");
        if (ends)
            let_go_[function] = served_.server(function).epoch.load() == now.epoch;
        u32 features_ok = now.status & VIRTIO_CONFIG_S_FEATURES_OK;
        u64 features = page.features.load();
        require(features_ok == 0 ||
                    ((features & ~now.offered) == 0 && (features >> VIRTIO_F_VERSION_1 & 1) != 0),
                "features are in use that are not to be had");
        require((now.status & driver_ok) == 0 || features_ok != 0, "a driver without features");
        u32 kicks = now.kicks - before.kicks;
        require(kicks == 0 || (kicks == 1 && (before.status & driver_ok) != 0), "a kick too many");
        require(now.epoch == 1 || let_go_[function] || now.status == 0,
                "a life begins before the last one is over");
        now.epoch = before.epoch, now.status = before.status, now.kicks = before.kicks;
        require(now == before, "a constant has changed");
        seen_[function] = state(function);
    }

    static void check_queue(const abi::FunctionPage& page, u32 number) {
        const abi::QueueRecord& queue = page.queue[number];
        u32 size = queue.size.load();
        require(size == 0 ? number >= page.queues : std::has_single_bit(size),
                "a queue of a wrong size");
        require(size <= queue.max_size, "a queue that is too large");
        if (queue.enabled.load() == 0)
            return;
        auto in_ram = [](u64 base, u64 bytes) {
            for (const Extent& piece : test_ram)
                if (piece.contains(Extent{base, bytes}))
                    return true;
            return false;
        };
        require(in_ram(queue.descriptors, 16ull * size) && in_ram(queue.driver, 6 + 2ull * size) &&
                    in_ram(queue.device, 6 + 8ull * size),
                "a ring outside the partition's memory");
    }

    FakePartition client_{2}, control_{1};
    ServedFunctions served_{plans()};
    std::array<State, functions> seen_{};
    std::array<bool, functions> let_go_{};
    u32 calls_ = 0;
};

} // namespace cloison::core
