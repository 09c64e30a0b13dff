// SPDX-License-Identifier: Apache-2.0
// A partition while it runs: its devices, its virtual CPUs, and how interrupts travel between them.
// Nothing here can name a CPU or a byte of memory outside the partition.
#pragma once

#include "firmware/core/devices/board.hpp"
#include "firmware/core/devices/server/service_function.hpp"
#include "firmware/core/partition/virtual_cpu.hpp"

#include <concepts>
#include <memory>

namespace cloison::core {

/// Why a partition no longer runs.
enum class StopReason : u32 {
    none,
    power_off,
    reset,
    triple_fault,
    init_boot_cpu,
    vm_entry_failure,
    machine_check,
    load_failure
};

constexpr const char* stop_reason_name(StopReason reason) {
    switch (reason) {
    case StopReason::none:
        return "none";
    case StopReason::power_off:
        return "power-off";
    case StopReason::reset:
        return "reset";
    case StopReason::triple_fault:
        return "triple-fault";
    case StopReason::init_boot_cpu:
        return "init-boot-cpu";
    case StopReason::vm_entry_failure:
        return "vm-entry-failure";
    case StopReason::machine_check:
        return "machine-check";
    case StopReason::load_failure:
        return "load-failure";
    }
    return "unknown";
}

/// The machine as a partition needs it. VT-x hardware, the fake of the unit tests and the timing
/// model each bring one.
template <typename M>
concept Machine = requires(M& machine, VirtualCpu& cpu) {
    typename M::Lock;
    { machine.now() } -> std::convertible_to<u64>; // TSC ticks
    machine.kick(
        cpu); // makes the CPU look at its events before it next runs an instruction with IF = 1
    machine.alert(cpu); // makes the CPU look at its events now, whatever the guest masks
};

/// How a partition calls the server of its virtio functions: a function of the machine's, and what
/// it needs to know. It is called without any lock held, and must not wait.
struct ServerLine {
    void (*call)(void* context, VirtualCpu& caller, const ServerCall& what) = nullptr;
    void* context = nullptr;
};

/// How the machine's interrupts that a partition owns are set up: a function of the machine's.
struct HostInterrupts {
    void (*set)(void* context, const HostPin& pin) = nullptr;
    void* context = nullptr;
    u32 owned = 0; // pins, by bits
};

template <Machine M>
class Partition {
  public:
    /// A client of this partition: where its doorbell is, and which function is its adapter.
    struct Client {
        u64 doorbell;
        Partition* partition;
        ServiceFunction* adapter;
    };

    Partition(M& machine, u64 tsc_hz, u64 epoch)
        : machine_(machine),
          tsc_hz_(tsc_hz),
          epoch_(epoch),
          board_(Clock{tsc_hz}, epoch) {}

    /// Appends a virtual CPU; in order of virtual APIC IDs, the first is the boot CPU.
    void add(VirtualCpu& cpu) {
        VirtualCpu** link = &first_;
        while (*link != nullptr)
            link = &(*link)->next;
        *link = &cpu;
        ++running_;
    }
    [[nodiscard]] const VirtualCpu* first_cpu() const { return first_; }

    /// Puts virtio functions on the partition's bus, with the adapter record that they share with
    /// their server; before it runs. Without a line to call, the server finds everything in the
    /// record all the same.
    void attach(std::span<VirtioFunction> functions, abi::IoAdapterRecord record,
                const ServerLine& server) {
        board_.attach(functions);
        functions_ = functions;
        adapter_ = &record.adapter();
        bells_ = &record.bells();
        server_ = server;
    }

    /// Makes this partition a server, before it runs: the functions of its bus, the clients whose
    /// adapters are among them, and the interrupts of the machine that it owns.
    void serve(std::span<PciFunction* const> functions, std::span<const Client> clients,
               const HostInterrupts& interrupts) {
        board_.attach_server(functions, interrupts.owned);
        bus_ = functions;
        clients_ = clients;
        host_ = interrupts;
    }

    // --- what a virtual CPU does to the devices; `self` is the one that does it, on its own CPU
    // ---

    u32 port_read(VirtualCpu& self, u16 port, u32 size) {
        Locked locked(*this, self);
        return board_.port_read(port, size, locked.now);
    }
    void port_write(VirtualCpu& self, u16 port, u32 size, u32 value) {
        Locked locked(*this, self);
        board_.port_write(port, size, value, locked.now);
    }
    u64 mmio_read(VirtualCpu& self, u64 address, u32 size) {
        Locked locked(*this, self);
        return board_.mmio_read(address, size);
    }
    void mmio_write(VirtualCpu& self, u64 address, u32 size, u64 value) {
        if (ring_doorbell(self, address, size))
            return;
        Locked locked(*this, self);
        board_.mmio_write(address, size, value);
    }
    /// True for guest-physical addresses of devices.
    [[nodiscard]] bool claims(u64 address) const { return board_.claims(address); }
    /// The server of the virtio functions has left something in the bells: it rang the doorbell, on
    /// the CPU of `caller`, another partition's, or one of this partition's has listened.
    void hear_bells(VirtualCpu& caller) {
        if (bells_ == nullptr)
            return;
        lock_.lock();
        board_.hear(*bells_); // of which come messages, and nothing else
        deliver_messages(caller);
        lock_.unlock();
    }
    /// Whether there is something in the bells. Of a partition that nobody serves, never.
    [[nodiscard]] bool has_bells() const {
        return bells_ != nullptr && bells_->functions.load(std::memory_order_acquire) != 0;
    }
    [[nodiscard]] bool is_served() const { return bells_ != nullptr; }
    /// While a virtual CPU of a served partition listens, the server does not ring. It looks at the
    /// bells, also once after it has stopped.
    void listen() { adapter_->listeners.fetch_add(1, std::memory_order_seq_cst); }
    void stop_listening() { adapter_->listeners.fetch_sub(1, std::memory_order_seq_cst); }
    /// The client behind `adapter`, a function of this partition's bus, wants to be looked at.
    /// `caller` is the CPU on which it did: the client's.
    void raise_adapter(VirtualCpu& caller, ServiceFunction& adapter) {
        Locked locked(*this, caller);
        adapter.raise();
        board_.update_pci_lines();
    }
    /// An interrupt of the machine's that this partition owns has arrived, at the CPU of `self`.
    void host_interrupt(VirtualCpu& self, u32 pin) {
        Locked locked(*this, self);
        board_.host_interrupt(pin);
    }
    /// A level-triggered interrupt was ended at a local APIC.
    void end_of_interrupt(VirtualCpu& self, u8 vector) {
        Locked locked(*this, self);
        board_.end_of_interrupt(vector);
    }
    /// Bytes arrived on the partition's serial line. False when the UART has no room for `byte`
    /// yet.
    bool serial_input(VirtualCpu& self, u8 byte) {
        Locked locked(*this, self);
        return board_.serial_input(byte, locked.now);
    }
    /// Hands the UART's output to `take(byte)` while that returns true.
    template <typename F>
    void serial_output(VirtualCpu& self, F&& room) {
        Locked locked(*this, self);
        while (room.available()) {
            auto byte = board_.serial_output(locked.now);
            if (!byte)
                break;
            room.put(*byte);
        }
    }
    /// Runs device timers; the boot CPU calls this when deadline() has come.
    void run_timers(VirtualCpu& self) { Locked locked(*this, self); }
    /// When the devices next want run_timers(), in TSC ticks.
    [[nodiscard]] u64 deadline() const { return deadline_.load(std::memory_order_acquire); }

    /// True while the 8259s want to interrupt the boot CPU (through LINT0, as ExtINT).
    [[nodiscard]] bool external_interrupt() const {
        return external_.load(std::memory_order_acquire);
    }
    u8 acknowledge_external(VirtualCpu& self) {
        Locked locked(*this, self);
        return board_.pic_acknowledge();
    }

    // --- interrupts between virtual CPUs ---

    /// Delivers `vector` to `target`; from `self`, or from elsewhere when that is null.
    void post(VirtualCpu* self, VirtualCpu& target, u8 vector, bool level) {
        target.posted.post(vector, level);
        if (target.leave(event::interrupt) && &target != self)
            machine_.kick(target);
    }

    /// Carries out a write to the interrupt command register (SDM vol. 3A, 11.6.1).
    void send_ipi(VirtualCpu& self, u64 icr) {
        auto mode = static_cast<Delivery>(icr >> 8 & 7);
        bool logical = (icr >> 11 & 1) != 0;
        bool deassert =
            mode == Delivery::init && (icr >> 14 & 3) == 2; // level de-assert: ignored since P4
        u32 shorthand = icr >> 18 & 3;
        bool wide = self.apic.x2apic();
        auto destination = static_cast<u32>(wide ? icr >> 32 : icr >> 56);
        if (deassert)
            return;
        for (VirtualCpu* cpu = first_; cpu != nullptr; cpu = cpu->next) {
            bool addressed = shorthand == 0   ? cpu->apic.matches(destination, logical, wide)
                             : shorthand == 1 ? cpu == &self
                             : shorthand == 2 ? true
                                              : cpu != &self;
            if (!addressed)
                continue;
            deliver(&self, *cpu, mode, static_cast<u8>(icr), false);
            if (mode == Delivery::lowest_priority)
                return; // one of those addressed: the first will do (11.6.2.4 leaves the choice
                        // open)
        }
    }

    // --- life cycle ---

    /// Stops the partition; the first reason counts. Every virtual CPU will leave its guest.
    void stop(StopReason reason) {
        auto none = StopReason::none;
        if (!reason_.compare_exchange_strong(none, reason))
            return;
        for (VirtualCpu* cpu = first_; cpu != nullptr; cpu = cpu->next) {
            cpu->leave(event::stop);
            machine_.alert(*cpu);
        }
    }
    [[nodiscard]] StopReason reason() const { return reason_.load(std::memory_order_acquire); }
    /// A virtual CPU has left its guest for good; true for the last one.
    bool parked() { return running_.fetch_sub(1, std::memory_order_acq_rel) == 1; }
    /// Makes everything as before the first start; the last virtual CPU to be parked() does it,
    /// `self`. What its virtio functions were served with ends; settled() says when it has.
    void restart(VirtualCpu& self) {
        lock_.lock();
        std::destroy_at(&board_);
        std::construct_at(&board_, Clock{tsc_hz_}, epoch_);
        board_.attach(functions_);
        board_.attach_server(bus_, host_.owned);
        board_.restart_functions();
        auto call = board_.take_call();
        u32 cpus = 0;
        for (VirtualCpu* cpu = first_; cpu != nullptr; cpu = cpu->next, ++cpus)
            cpu->reset();
        deadline_.store(LocalApic::never, std::memory_order_relaxed);
        external_.store(false, std::memory_order_relaxed);
        reason_.store(StopReason::none, std::memory_order_relaxed);
        running_.store(cpus, std::memory_order_release);
        lock_.unlock();
        if (call && server_.call != nullptr)
            server_.call(server_.context, self, *call);
    }
    /// True when no server can reach the partition's memory for what it was before a restart().
    [[nodiscard]] bool settled() {
        lock_.lock();
        bool all = board_.settled();
        lock_.unlock();
        return all;
    }
    [[nodiscard]] u64 exits() const {
        u64 sum = 0;
        for (VirtualCpu* cpu = first_; cpu != nullptr; cpu = cpu->next)
            sum += cpu->exits;
        return sum;
    }

    [[nodiscard]] const Board& board() const { return board_; }

  private:
    /// Holds the devices' lock for one access; device time runs up to now before it, and what the
    /// access brought about is delivered behind it. The server is called last, without the lock,
    /// for that takes the lock of its own partition.
    struct Locked {
        Locked(Partition& p, VirtualCpu& s) : partition(p), self(s) {
            partition.lock_.lock();
            now = partition.machine_.now();
            partition.board_.advance(now);
        }
        ~Locked() {
            partition.deliver_effects(self, now);
            auto call = partition.board_.take_call();
            partition.lock_.unlock();
            if (call && partition.server_.call != nullptr)
                partition.server_.call(partition.server_.context, self, *call);
        }
        Locked(const Locked&) = delete;
        Locked& operator=(const Locked&) = delete;
        Partition& partition;
        VirtualCpu& self;
        u64 now;
    };

    /// True when the access was one to a client's doorbell page. What is not one access of 4 bytes
    /// at its start rings nobody.
    bool ring_doorbell(VirtualCpu& self, u64 address, u32 size) {
        for (const Client& client : clients_) {
            if (address - client.doorbell >= page_size)
                continue;
            if (address == client.doorbell && size == 4)
                client.partition->hear_bells(self);
            return true;
        }
        return false;
    }

    void deliver_effects(VirtualCpu& self, u64 now) {
        while (auto pin = board_.take_host_pin())
            host_.set(host_.context, *pin);
        deliver_messages(self);
        u64 deadline = board_.next_deadline(now);
        bool external = board_.pic_output();
        bool sooner = deadline < deadline_.load(std::memory_order_relaxed);
        bool raised = external && !external_.load(std::memory_order_relaxed);
        deadline_.store(deadline, std::memory_order_release);
        external_.store(external, std::memory_order_release);
        if ((sooner || raised) && first_->leave(event::attention) && first_ != &self)
            machine_.kick(*first_);
        switch (board_.power_request()) {
        case Power::none:
            break;
        case Power::off:
            stop(StopReason::power_off);
            break;
        case Power::reset:
            stop(StopReason::reset);
            break;
        }
    }

    void deliver_messages(VirtualCpu& self) {
        while (auto message = board_.take_message())
            deliver_message(self, *message);
    }

    void deliver_message(VirtualCpu& self, const Message& message) {
        auto mode = static_cast<Delivery>(message.delivery_mode);
        for (VirtualCpu* cpu = first_; cpu != nullptr; cpu = cpu->next) {
            if (!cpu->apic.matches(message.destination, message.logical, false))
                continue;
            deliver(&self, *cpu, mode, message.vector, message.level);
            if (mode == Delivery::lowest_priority)
                return;
        }
    }

    void deliver(VirtualCpu* self, VirtualCpu& target, Delivery mode, u8 vector, bool level) {
        switch (mode) {
        case Delivery::fixed:
        case Delivery::lowest_priority:
            post(self, target, vector, level);
            break;
        case Delivery::nmi:
            alert(self, target, event::nmi);
            break;
        case Delivery::init:
            // A startup IPI that came before no longer counts; one that comes after does, even
            // where the target sees both at once.
            target.events.fetch_and(~event::startup, std::memory_order_seq_cst);
            alert(self, target, event::init);
            break;
        case Delivery::startup:
            target.startup_vector.store(vector, std::memory_order_release);
            alert(self, target, event::startup);
            break;
        case Delivery::smi:      // no SMM in a partition
        case Delivery::external: // only the 8259s' line, which goes straight to the boot CPU
            break;
        }
    }

    void alert(VirtualCpu* self, VirtualCpu& target, u32 bits) {
        if (target.leave(bits) && &target != self)
            machine_.alert(target);
    }

    M& machine_;
    u64 tsc_hz_;
    u64 epoch_;
    typename M::Lock lock_;
    Board board_;
    std::span<VirtioFunction> functions_;
    abi::AdapterPage* adapter_ = nullptr; // of those functions, as the bells
    abi::BellPage* bells_ = nullptr;
    std::span<PciFunction* const> bus_;
    ServerLine server_;
    std::span<const Client> clients_;
    HostInterrupts host_;
    VirtualCpu* first_ = nullptr;
    std::atomic<u64> deadline_{LocalApic::never};
    std::atomic<bool> external_{false};
    std::atomic<StopReason> reason_{StopReason::none};
    std::atomic<u32> running_{0};
};

} // namespace cloison::core
