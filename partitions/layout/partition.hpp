// SPDX-License-Identifier: Apache-2.0
// One partition of a layout, as it is written.
#pragma once

#include "firmware/abi/manifest.hpp"
#include "partitions/result/diagnostic.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cloison {

/// One physical CPU named by the layout.
struct PinnedCpu {
    Location where;
    u32 apic_id = 0;
};

// The order of each enumeration is that of its words in words.hpp.
enum class ProcessorMode : u32 { dedicated, shared };
enum class Sharing : u32 { capped, uncapped };
enum class InterruptMode : u32 { virtualized, direct };
enum class ConsoleType : u32 { serial, virtio };
enum class BootWord : u32 { linux_bzimage, multiboot, pvh, firmware };
enum class PolicyWord : u32 { stop, reset, restart, dump };
enum class Siblings : u32 { shared, exclusive };

/// Dedicated: minimum to maximum CPUs, or particular ones. Shared: `desired` virtual CPUs on a
/// pool.
struct ProcessorsWanted {
    Location where;
    ProcessorMode mode = ProcessorMode::dedicated;
    u32 minimum = 0, desired = 0, maximum = 0; // desired equals pinned.size() where that is not 0
    std::vector<PinnedCpu> pinned;             // in the order of virtual APIC IDs
    Location pool_where;
    std::string pool;
    u32 entitlement = 0; // hundredths of a CPU
    Sharing sharing = Sharing::capped;
    u32 weight = 128;
};

struct PinnedMemory {
    Location where;
    Extent extent;
};

/// Sizes are bytes, multiples of 2 MiB.
struct MemoryWanted {
    Location where;
    u64 minimum = 0, desired = 0, maximum = 0;
    u64 page_size = large_page_size;
    std::vector<PinnedMemory> pinned; // in the order of guest addresses
};

struct Profile {
    Location where;
    std::string name; // empty: the partition has only one, and it has no name
    bool is_default = false;
    ProcessorsWanted processors;
    MemoryWanted memory;
};

struct OwnedDevice {
    Location where;
    u32 address = 0; // as xml::parse_pci has it
};

struct OwnedSerial {
    Location where;
    u32 port = 0;
};

struct Disk {
    Location where;
    std::string volume;
    std::string serial; // empty: the volume's name
    bool read_only = false;
};

struct Network {
    Location where;
    std::string switch_name;
    std::optional<u64> mac;
    u32 vlan = 0; // 0: none
    bool trunk = false;
};

struct Console {
    Location where;
    ConsoleType type = ConsoleType::serial;
    std::string server; // empty: it is on the machine's serial line
};

struct Boot {
    Location where, kernel_where, initrd_where, command_line_where;
    Location kernel_digest_where, initrd_digest_where;
    BootWord kind = BootWord::linux_bzimage;
    std::string kernel;                       // as written: relative to the layout, or "guest:…"
    std::string initrd;                       // the same; empty: none
    std::string kernel_sha256, initrd_sha256; // 64 digits, or empty
    std::string command_line;
};

struct Failure {
    Location where, master_where;
    PolicyWord policy = PolicyWord::stop;
    u32 limit = 3;
    u64 back_off = 1'000'000; // microseconds
    std::string master;       // empty: none
};

struct Security {
    Location where;
    Siblings siblings = Siblings::shared;
    u32 cache_ways = 0; // 0: none of its own
};

struct ExitLoad {
    Location where;
    std::string reason;
    u64 rate = 0; // a second, on each virtual CPU
};

struct DiskLoad {
    Location where;
    std::string volume;
    u64 reads = 0, writes = 0; // requests a second
    u64 size = 0;              // bytes of a request
};

struct NetworkLoad {
    Location where;
    std::string switch_name;
    u64 transmit = 0, receive = 0; // bits a second
};

/// What the guest does, for the models and for the I/O budget.
struct Workload {
    Location where;
    u32 utilization = 100; // hundredths of the time that each virtual CPU computes
    std::vector<ExitLoad> exits;
    std::vector<DiskLoad> disks;
    std::vector<NetworkLoad> networks;
};

struct LayoutPartition {
    Location where;
    std::string name;
    abi::Role role = abi::Role::client;
    Location interrupts_where;
    InterruptMode interrupts = InterruptMode::virtualized;
    u32 activation = 0;
    std::vector<Profile> profiles; // at least one
    usize active = 0;              // the profile that is planned
    std::vector<OwnedDevice> devices;
    std::vector<OwnedSerial> serials;
    std::vector<Disk> disks;
    std::vector<Network> networks;
    std::vector<Console> consoles;
    Boot boot;
    Failure failure;
    Security security;
    std::string accounting; // group; empty: none
    std::optional<Workload> workload;

    [[nodiscard]] const Profile& profile() const { return profiles[active]; }
    [[nodiscard]] const ProcessorsWanted& processors() const { return profile().processors; }
    [[nodiscard]] const MemoryWanted& memory() const { return profile().memory; }
    [[nodiscard]] bool shares() const { return processors().mode == ProcessorMode::shared; }
};

} // namespace cloison
