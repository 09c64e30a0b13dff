// SPDX-License-Identifier: Apache-2.0
// Runs the bench guest under KVM with a virtio disk that is served in user space, and counts what
// that takes:
//   bench_kvm GUEST DISK poll|wait WORD...      WORD: on the guest's command line
//
// What the guest says, and behind it for each of its phases
//   @kvm phase=N ticks=T exits=E vcpu-ticks=V server-ticks=S process-ticks=P NAME=N...
// ticks of the TSC from the phase's begin to its end, the CPU time of the virtual CPU's thread, the
// guest included, of the server's thread, and of the whole process; KVM's own counters.
#include "ioserver/linux/error.hpp"
#include "tests/bench/kvm/disk_function.hpp"
#include "tests/bench/kvm/statistics.hpp"

#include "firmware/x86/instructions.hpp"

#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <linux/serial_reg.h>
#include <sched.h>
#include <sstream>

namespace cloison::bench {

namespace {

constexpr u64 guest_memory = 32 * mib;
constexpr u32 vcpu_cpu = 1, server_cpu = 0; // of the host

u64 cpu_time(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<u64>(time.tv_sec) * 1'000'000'000 + static_cast<u64>(time.tv_nsec);
}

struct Moment {
    u64 ticks, clock, vcpu, server, process; // the last four in nanoseconds
    std::vector<Statistics::Counter> counters;
};

class Monitor {
  public:
    Monitor(const std::string& guest, const std::string& disk, bool poll,
            const std::string& command_line)
        : vm_(guest_memory),
          disk_(vm_, disk, poll, server_cpu),
          statistics_(vm_.statistics()) {
        std::ifstream file(guest, std::ios::binary);
        std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
        vm_.load({reinterpret_cast<const u8*>(bytes.data()), bytes.size()}, command_line);
    }

    /// Until the guest powers off.
    void run() {
        while (!off_) {
            kvm_run& exit = vm_.run();
            if (exit.exit_reason == KVM_EXIT_IO)
                port(exit);
            else if (exit.exit_reason == KVM_EXIT_MMIO)
                memory(exit.mmio);
            else if (exit.exit_reason != KVM_EXIT_INTR)
                throw io::ServerError("the guest ends: KVM says " +
                                      std::to_string(exit.exit_reason));
        }
    }

    /// All that there is to say. Not before: a serial line takes time, and interrupts.
    [[nodiscard]] std::string report() const { return said_ + phases_.str(); }

  private:
    void memory(auto& access) {
        u64 value = 0;
        std::memcpy(&value, access.data, access.len);
        if (access.is_write != 0) {
            disk_.write(access.phys_addr, access.len, value);
            return;
        }
        value = disk_.read(access.phys_addr, access.len);
        std::memcpy(access.data, &value, sizeof access.data);
    }

    void port(kvm_run& exit) {
        u8* data = reinterpret_cast<u8*>(&exit) + exit.io.data_offset;
        if (exit.io.direction == KVM_EXIT_IO_IN) {
            std::memset(data, 0xFF, exit.io.size * exit.io.count);
            if (exit.io.port == guest_map::com1 + UART_LSR)
                *data = UART_LSR_THRE | UART_LSR_TEMT;
        } else if (exit.io.port == guest_map::com1 + UART_TX) {
            said_ += static_cast<char>(*data);
        } else if (exit.io.port == guest_map::post_code) {
            mark(*data);
        } else if (exit.io.port == guest_map::pm1_control) {
            off_ = true;
        }
    }

    [[nodiscard]] Moment now() const {
        return {x86::rdtsc(),
                cpu_time(CLOCK_MONOTONIC_RAW),
                cpu_time(CLOCK_THREAD_CPUTIME_ID),
                disk_.server_time(),
                cpu_time(CLOCK_PROCESS_CPUTIME_ID),
                statistics_.read()};
    }

    void mark(u32 number) {
        if (number % 2 != 0) {
            begin_ = now();
            return;
        }
        Moment end = now();
        u64 ticks = end.ticks - begin_.ticks, clock = end.clock - begin_.clock;
        auto in_ticks = [&](u64 from, u64 to) { return (to - from) * ticks / clock; };
        phases_ << "@kvm phase=" << number / 2 << " ticks=" << ticks
                << " vcpu-ticks=" << in_ticks(begin_.vcpu, end.vcpu)
                << " server-ticks=" << in_ticks(begin_.server, end.server)
                << " process-ticks=" << in_ticks(begin_.process, end.process);
        for (usize i = 0; i < end.counters.size(); ++i)
            if (u64 count = end.counters[i].value - begin_.counters[i].value; count != 0)
                phases_ << ' ' << end.counters[i].name << '=' << count;
        phases_ << '\n';
    }

    Vm vm_;
    DiskFunction disk_;
    Statistics statistics_;
    Moment begin_{};
    std::string said_;
    std::ostringstream phases_;
    bool off_ = false;
};

void stay_on(u32 cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        throw io::ServerError("the host has too few CPUs");
}

} // namespace

} // namespace cloison::bench

int main(int argc, char** argv) try {
    using namespace cloison;
    if (argc < 4)
        throw io::ServerError("bench_kvm GUEST DISK poll|wait WORD...");
    std::string command_line;
    for (int i = 4; i < argc; ++i)
        command_line += std::string(i > 4 ? " " : "") + argv[i];
    bench::stay_on(bench::vcpu_cpu);
    bench::Monitor monitor(argv[1], argv[2], argv[3] == std::string("poll"), command_line);
    monitor.run();
    std::cout << monitor.report() << std::flush;
    return 0;
} catch (const std::exception& error) {
    std::cerr << "bench_kvm: " << error.what() << '\n';
    return 1;
}
