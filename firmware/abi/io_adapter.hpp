// SPDX-License-Identifier: Apache-2.0
// The record that the firmware and an I/O server share about one client partition: what its drivers
// set up, and how far the server is. It lies in the firmware's memory, so it outlives the server.
//
// Each page has one writer. All integers little-endian, each written and read in one access:
//
//     page 0             AdapterPage    firmware; all but `listeners` constant
//     pages 1 to n       FunctionPage   firmware; one for each of the n virtio functions
//     page n + 1         BellPage       server; the firmware takes off what it has seen
//     then, of each      ServerPage     server; the firmware reads each field once, and whatever
//       function                        it finds there changes that client's service only
//                        in flight      server; a page for each queue, never read by the firmware
//
// The control partition has the first n + 1 pages read-only.
//
// - Lives. FunctionPage::epoch numbers the lives of a function; a driver's reset of a running one
//   begins the next. The server acts for life E only while `epoch` is E and `status` has DRIVER_OK.
//   It reads epoch, status, the rest and epoch again; what lies between two equal epochs belongs
//   together, since `status` falls before `epoch` rises. Once nothing of earlier lives can reach
//   the client's memory any more, and their records in flight are zeroed, it writes the epoch to
//   ServerPage::epoch and rings for the page. Until then the driver reads that its reset goes on.
// - Bells. What the server has for a function, queues with something used or a changed page, it
//   says in BellPage::queues, then that there is something in BellPage::functions. Behind a full
//   fence it looks at AdapterPage::listeners: where it is 0, nobody would notice, so it writes the
//   doorbell, any 4 bytes, which is an exit. A halted virtual CPU of the client listens for a while
//   before it sleeps, so that an answer that comes soon costs the server nothing.
// - Kicks. The driver's notification raises kicks[q], then calls the server unless it polls or
//   seen[q] says that it has still to look at an earlier one. So the server takes k = kicks[q],
//   stores seen[q] = k, and before it goes to sleep looks, behind a full fence, whether kicks[q] is
//   still k. A server that starts sets all of `seen` and looks at all queues once.
// - Configuration. The server makes `config_sequence` odd, writes, makes it even, rings for the
//   page. The firmware takes a copy that no write disturbed, counts the generation up and tells
//   the driver. The driver never sees the server's page.
// - Needs reset. The server writes the life that cannot go on (virtio 1.2, 2.1.2), rings for the
//   page.
#pragma once

#include "firmware/abi/virtio_function.hpp"

#include <array>
#include <atomic>

namespace cloison::abi {

inline constexpr u64 io_adapter_magic = 0x5044'414F'4953'4C43; // "CLSIOADP"
inline constexpr u32 io_adapter_version = 2;

// The PCI functions through which a server finds this (server_map.hpp has where they are). The
// numbers are some of Red Hat's for trials (QEMU, docs/specs/pci-ids): virtio's driver leaves them
// alone.
inline constexpr u32 service_vendor = 0x1AF4, adapter_device = 0x10F0, management_device = 0x10F1;
/// BARs of an adapter; the memory's takes the next one too.
inline constexpr u32 doorbell_bar = 0, record_bar = 1, memory_bar = 2;
/// BAR of the management function.
inline constexpr u32 manifest_bar = 0;

inline constexpr usize cache_line = 64;

/// Most pieces of a client's memory: those of memory_map.hpp, the first split by the VGA hole.
inline constexpr u32 max_client_ram = 17;

/// Where the pages of a function are, counted from the start of the record.
struct FunctionPlace {
    u32 function_page;
    u32 server_page; // those of its requests in flight follow, one for each queue
};

struct alignas(page_size) AdapterPage {
    u64 magic = io_adapter_magic;
    u32 version = io_adapter_version;
    u32 functions = 0;
    u32 ram_count = 0;
    u32 client = 0;                           // index of the partition in the manifest
    std::array<Extent, max_client_ram> ram{}; // guest-physical, ascending
    std::array<FunctionPlace, max_virtio_functions> places{};
    alignas(cache_line) std::atomic<u32> listeners{0}; // virtual CPUs that look at the bells
};

/// Set by the driver; all but the sizes is 0 until then, and after a reset.
struct QueueRecord {
    std::atomic<u64> descriptors{0}; // guest-physical
    std::atomic<u64> driver{0};
    std::atomic<u64> device{0};
    std::atomic<u16> size{0};
    u16 max_size = 0;
    std::atomic<u32> enabled{0}; // written last; the fields above do not change while it is 1
};

struct alignas(page_size) FunctionPage {
    // Constant.
    u32 device_id = 0; // linux/virtio_ids.h
    u32 queues = 0;
    u32 config_size = 0;
    u32 reserved = 0;
    u64 offered = 0; // features
    // The driver's.
    std::atomic<u64> features{0}; // final once status has FEATURES_OK
    std::atomic<u32> epoch{1};
    std::atomic<u32> status{0};            // VIRTIO_CONFIG_S_*
    std::atomic<u32> config_generation{0}; // the driver sees the lowest 8 bits
    alignas(cache_line) std::array<std::atomic<u32>, max_virtqueues> kicks{}; // modulo 2^32
    alignas(cache_line) std::array<QueueRecord, max_virtqueues> queue{};
    /// The device configuration space as the driver reads it.
    alignas(cache_line) std::array<std::atomic<u32>, max_device_config / 4> config{};
};

/// Bits of BellPage::queues above those of the queues: the server's page has changed.
inline constexpr u32 page_bell = 1u << max_virtqueues;

struct alignas(page_size) BellPage {
    std::atomic<u32> functions{0}; // by bits; written after `queues`
    alignas(cache_line) std::array<std::atomic<u32>, max_virtio_functions> queues{}; // by bits
};

struct alignas(page_size) ServerPage {
    std::atomic<u32> epoch{0};           // the last life whose beginning was acted upon
    std::atomic<u32> needs_reset{0};     // the life that cannot go on; 0: none
    std::atomic<u32> config_sequence{0}; // odd while `config` is being written
    std::atomic<u32> polls{0};           // not 0: no calls for kicks
    alignas(cache_line) std::array<std::atomic<u32>, max_virtqueues> seen{};
    alignas(cache_line) std::array<std::atomic<u32>, max_device_config / 4> config{};
};

static_assert(std::atomic<u64>::is_always_lock_free && std::atomic<u16>::is_always_lock_free);
static_assert(sizeof(AdapterPage) == page_size && sizeof(FunctionPage) == page_size &&
              sizeof(BellPage) == page_size && sizeof(ServerPage) == page_size &&
              sizeof(QueueRecord) == 32);

/// Pages from the start that the control partition has read-only; the BellPage is behind them.
constexpr u64 io_adapter_read_only_pages(u64 functions) {
    return 1 + functions;
}

/// Pages of the record of a client with so many functions, which have so many queues in all.
constexpr u64 io_adapter_pages(u64 functions, u64 queues) {
    // BellPage; a ServerPage for each function; in flight.
    return io_adapter_read_only_pages(functions) + 1 + functions + queues;
}
constexpr u64 io_adapter_pages(std::span<const VirtioFunctionConfig> functions) {
    u64 queues = 0;
    for (const VirtioFunctionConfig& function : functions)
        queues += function.queue_sizes.size();
    return io_adapter_pages(functions.size(), queues);
}

/// The record at an address, for either side.
class IoAdapterRecord {
  public:
    /// `base`: of io_adapter_pages(), page-aligned, made by the firmware.
    explicit IoAdapterRecord(u8* base) : base_(base) {}

    [[nodiscard]] AdapterPage& adapter() const { return *at<AdapterPage>(0); }
    /// `function` is below adapter().functions, `queue` below its queues.
    [[nodiscard]] FunctionPage& function(u32 function) const {
        return *at<FunctionPage>(adapter().places[function].function_page);
    }
    [[nodiscard]] ServerPage& server(u32 function) const {
        return *at<ServerPage>(adapter().places[function].server_page);
    }
    [[nodiscard]] BellPage& bells() const {
        return *at<BellPage>(io_adapter_read_only_pages(adapter().functions));
    }
    [[nodiscard]] std::span<u8> in_flight(u32 function, u32 queue) const {
        return {at<u8>(adapter().places[function].server_page + 1 + queue), page_size};
    }

  private:
    template <typename T>
    [[nodiscard]] T* at(u64 page) const {
        return reinterpret_cast<T*>(base_ + page * page_size);
    }

    u8* base_;
};

/// What one of the two calls the other for: a queue of a function.
struct Doorbell {
    u32 function;
    u32 queue; // or no_queue
};

/// In place of a queue: look at the function's page.
inline constexpr u32 no_queue = 0xFFFF;

} // namespace cloison::abi
