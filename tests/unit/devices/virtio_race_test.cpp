// SPDX-License-Identifier: Apache-2.0
// A driver's CPU and its server's, at the same time, by the rules of firmware/abi/io_adapter.hpp.
#include "tests/unit/devices/virtio_driver.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace cloison::core {
namespace {

const FunctionPlan plan{.device_config = std::vector<u8>(abi::max_device_config, 0)};

struct VirtioRace : testing::Test {
    VirtioRace() {
        EXPECT_TRUE(driver.start());
        served.called();
        server.epoch = page.epoch.load();
    }

    ServedBoard served{{plan}};
    VirtioDriver driver{served.board};
    abi::FunctionPage& page = served.page(0);
    abi::ServerPage& server = served.server(0);
};

/// A server that sleeps until it is called has seen all kicks in the end.
TEST_F(VirtioRace, NoKickIsLost) {
    constexpr u32 kicks = 200'000, burst = 64, patience = 2000;
    std::atomic<u32> calls{0};
    std::atomic<bool> done{false};
    std::jthread guest([&] {
        for (u32 i = 0; i < kicks; ++i) {
            driver.write(driver.notify.address, 2, 0);
            if (served.called())
                calls.fetch_add(1);
            // So that the server goes to sleep now and then.
            for (u32 left = i % burst == 0 ? patience : 0;
                 left != 0 && server.seen[0] != page.kicks[0]; --left)
                __builtin_ia32_pause();
        }
        done = true;
    });
    u32 answered = 0;
    for (bool over = false; !over;) {
        over = done;
        if (u32 now = calls; now != answered) {
            answered = now;
            over = false;
            u32 seen = 0;
            do {
                seen = page.kicks[0];
                server.seen[0].store(seen, std::memory_order_relaxed);
                std::atomic_thread_fence(std::memory_order_seq_cst);
            } while (page.kicks[0].load(std::memory_order_relaxed) != seen);
        } else {
            std::this_thread::yield();
        }
    }
    guest.join();
    EXPECT_EQ(page.kicks[0].load(), kicks);
    EXPECT_EQ(server.seen[0].load(), kicks);
    EXPECT_GE(calls.load(), 1u);
}

/// All words of what the server writes are alike, whenever the driver looks.
TEST_F(VirtioRace, NoTornConfigurationIsSeen) {
    constexpr u32 changes = 6'400, burst = 64;
    std::atomic<bool> done{false};
    std::jthread writer([&] {
        for (u32 i = 1; i <= changes; ++i) {
            server.config_sequence.store(2 * i - 1, std::memory_order_relaxed);
            std::atomic_thread_fence(std::memory_order_release);
            for (auto& word : server.config)
                word.store(i, std::memory_order_relaxed);
            server.config_sequence.store(2 * i, std::memory_order_release);
            // So that neither is far ahead of the other.
            while (i % burst == 0 && page.config[0] != i)
                std::this_thread::yield();
        }
        done = true;
    });
    u32 torn = 0;
    for (bool over = false; !over;) {
        over = done;
        served.board.ring({0, abi::no_queue});
        for (const auto& word : page.config)
            torn += word.load() != page.config[0].load();
    }
    EXPECT_EQ(torn, 0u);
    EXPECT_EQ(driver.read(driver.config.address, 4), changes) << "the last ring came after it all";
    EXPECT_GE(page.config_generation.load(), changes / burst);
}

} // namespace
} // namespace cloison::core
