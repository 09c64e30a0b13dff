// SPDX-License-Identifier: Apache-2.0
// Compiled freestanding only: the templates of the portable half, so that a build shows when one of
// them begins to need the host.
#include "ioserver/devices/block/block_device.hpp"
#include "ioserver/devices/console/console_device.hpp"
#include "ioserver/devices/net/net_device.hpp"
#include "ioserver/devices/queue/queue.hpp"
#include "ioserver/devices/rng/rng_device.hpp"

namespace cloison::io {

namespace {

/// A back end that has nothing to do.
struct NoBackend {
    static bool submit(const BlockRequest&) { return false; }
    static std::optional<BlockCompletion> completed() { return std::nullopt; }
};

struct NoSink {
    static void send(const virtio_net_hdr_v1&, std::span<const Segment>) {}
};

struct NoReader {
    static usize take(u32, std::span<const u8>) { return 0; }
};

struct NoEntropy {
    static usize fill(std::span<u8>) { return 0; }
};

} // namespace

template class Queue<GuestRegions>;
template class BlockDevice<GuestRegions, NoBackend>;
template class NetDevice<GuestRegions>;
template bool NetDevice<GuestRegions>::transmit(NoSink&);
template class ConsoleDevice<GuestRegions>;
template bool ConsoleDevice<GuestRegions>::transmit(u32, NoReader&);
template class RngDevice<GuestRegions, NoEntropy>;

} // namespace cloison::io
