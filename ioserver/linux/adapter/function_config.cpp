// SPDX-License-Identifier: Apache-2.0
// The device configuration space: the firmware answers reads of it, with what the server's page
// held when it last said so.
#include "ioserver/linux/adapter/function_session.hpp"

#include <algorithm>
#include <cstring>

namespace cloison::io::adapter {

namespace {

using enum std::memory_order;
using Words = std::array<u32, abi::max_device_config / sizeof(u32)>;

Words read_words(const DeviceServer& device, u32 size) {
    std::array<u8, abi::max_device_config> bytes{};
    device.read_config(0, std::span(bytes).first(std::min<usize>(size, bytes.size())));
    Words words;
    std::memcpy(words.data(), bytes.data(), bytes.size());
    return words;
}

} // namespace

bool FunctionSession::config_differs() const {
    Words words = read_words(device_, page_.config_size);
    for (usize i = 0; i < words.size(); ++i)
        if (page_.config[i].load(relaxed) != words[i])
            return true;
    return false;
}

/// Also where the last server was killed in the middle of this.
void FunctionSession::config_changed() {
    Words words = read_words(device_, page_.config_size);
    u32 odd = server_.config_sequence.load(relaxed) | 1;
    server_.config_sequence.store(odd, relaxed);
    std::atomic_thread_fence(release);
    for (usize i = 0; i < words.size(); ++i)
        server_.config[i].store(words[i], relaxed);
    server_.config_sequence.store(odd + 1, release);
    ring_page();
}

} // namespace cloison::io::adapter
