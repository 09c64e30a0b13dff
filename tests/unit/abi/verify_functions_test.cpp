// SPDX-License-Identifier: Apache-2.0
// The rules about what servers serve: for each a manifest that breaks it and no other, and who is
// named as the offender.
#include "firmware/abi/verify.hpp"
#include "tests/unit/abi/manifest_builder.hpp"
#include "tests/unit/abi/verdict_printing.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace cloison::abi {
namespace {

using test::ManifestBuilder;

// Positions in test::served(): beta serves alpha and gamma.
constexpr u32 beta = 0, alpha = 1, gamma = 2;
constexpr u32 alpha_disk = 0, alpha_port = 1, gamma_disk = 2;

/// The verdict on the sound manifest after `spoil`, its index tables in order again.
Verdict after(const std::function<void(ManifestBuilder&)>& spoil) {
    ManifestBuilder b = test::served();
    spoil(b);
    b.sort();
    return verify(b.bytes());
}

Verdict broken(Rule rule, u32 first, u32 second = ~u32{0}) {
    return {rule, first, second};
}

void set_role(ManifestBuilder& b, u32 partition, Role role) {
    b.partitions[partition].role = static_cast<u32>(role);
}

TEST(VerifyFunctions, AServedManifestIsSound) {
    EXPECT_EQ(after([](auto&) {}), Verdict{});
    EXPECT_EQ(after([](auto& b) { set_role(b, beta, Role::io_server); }), Verdict{});
}

TEST(VerifyFunctions, DriversCanUseThem) {
    auto with = [](const std::function<void(FunctionRecord&)>& spoil) {
        return after([&](ManifestBuilder& b) { spoil(b.functions[alpha_port]); });
    };
    auto unsound = broken(Rule::function_unsound, alpha_port);
    EXPECT_EQ(with([](auto& f) { f.device_id = 0; }), unsound);
    EXPECT_EQ(with([](auto& f) { f.device_id = max_device_id + 1; }), unsound);
    EXPECT_EQ(with([](auto& f) { f.features |= feature_bit(VIRTIO_F_RING_PACKED); }), unsound);
    EXPECT_EQ(with([](auto& f) { f.queues = 0; }), unsound);
    EXPECT_EQ(with([](auto& f) { f.queues = max_virtqueues + 1; }), unsound);
    EXPECT_EQ(with([](auto& f) { f.queues = ~u32{0}; }), unsound);
    EXPECT_EQ(with([](auto& f) { f.queues = 2; }), unsound) << "the second has no size";
    for (u16 size : std::initializer_list<u16>{0, 3, 255, 257, 512})
        EXPECT_EQ(with([&](auto& f) { f.queue_sizes[0] = size; }), unsound) << size;
    EXPECT_EQ(with([](auto& f) { f.queue_sizes[1] = 1; }), unsound) << "behind the last";
    EXPECT_EQ(with([](auto& f) {
                  f.queues = max_virtqueues;
                  f.queue_sizes.fill(1);
              }),
              Verdict{});
}

/// The same bytes with one field of the function table changed, which the builder does not let.
Verdict after_patch(usize offset, u32 value) {
    std::vector<u8> bytes = test::served().bytes();
    const auto* header = manifest_header(bytes);
    std::memcpy(bytes.data() + header->functions.offset + offset, &value, sizeof value);
    ManifestBuilder::fix_crc(bytes);
    return verify(bytes);
}

TEST(VerifyFunctions, TheirBytesAreInTheManifest) {
    constexpr usize config = offsetof(FunctionRecord, config),
                    service = offsetof(FunctionRecord, service);
    auto unsound = broken(Rule::function_unsound, alpha_disk);
    auto format = broken(Rule::manifest_format, alpha_disk);
    EXPECT_EQ(after_patch(config, 0x7FFF'FFF8), unsound);
    EXPECT_EQ(after_patch(config + 4, max_device_config), Verdict{});
    EXPECT_EQ(after_patch(config + 4, max_device_config + 1), unsound);
    EXPECT_EQ(after_patch(config + 4, ~u32{0}), unsound);
    EXPECT_EQ(after_patch(service, 0x7FFF'FFF8), format);
    EXPECT_EQ(after_patch(service + 4, ~u32{0}), format);
}

TEST(VerifyFunctions, AnotherPartitionServesThem) {
    EXPECT_EQ(after([](auto& b) { b.functions[gamma_disk].server = gamma; }),
              broken(Rule::function_server, gamma_disk));
    EXPECT_EQ(after([](auto& b) { b.functions[gamma_disk].server = alpha; }),
              broken(Rule::function_server, gamma_disk))
        << "a client";
    EXPECT_EQ(after([](auto& b) { b.functions[gamma_disk].server = 3; }),
              broken(Rule::function_server, gamma_disk));
    EXPECT_EQ(after([](auto& b) {
                  set_role(b, alpha, Role::io_server);
                  b.functions[gamma_disk].server = alpha;
              }),
              Verdict{})
        << "a server may be served itself";
}

TEST(VerifyFunctions, APartitionHasOneServer) {
    EXPECT_EQ(after([](auto& b) {
                  set_role(b, gamma, Role::io_server);
                  b.functions[alpha_port].server = gamma;
              }),
              broken(Rule::function_server, alpha_disk, alpha_port));
}

TEST(VerifyFunctions, ComeInTheOrderOfPartitions) {
    EXPECT_EQ(after([](auto& b) { std::swap(b.functions[alpha_port], b.functions[gamma_disk]); }),
              broken(Rule::manifest_format, gamma_disk));
    EXPECT_EQ(after([](auto& b) { b.functions[gamma_disk].partition = 3; }),
              broken(Rule::manifest_format, gamma_disk));
}

TEST(VerifyFunctions, FillABusAtMost) {
    auto with = [](u32 count) {
        return after([=](ManifestBuilder& b) {
            for (u32 i = 1; i < count; ++i)
                b.add_function(gamma, beta);
        });
    };
    EXPECT_EQ(with(31), Verdict{});
    EXPECT_EQ(with(32), broken(Rule::function_count, gamma));
}

TEST(VerifyFunctions, ServicesAreTheServers) {
    EXPECT_EQ(after([](auto& b) { b.services[1].server = 3; }), broken(Rule::manifest_format, 1));
    EXPECT_EQ(after([](auto& b) { b.services[1].server = alpha; }),
              broken(Rule::manifest_format, 1))
        << "a client's";
    EXPECT_EQ(after([](auto& b) { b.services[1].reserved = 1; }), broken(Rule::manifest_format, 1));
    auto both = [](u32 first, u32 second) {
        return after([=](ManifestBuilder& b) {
            set_role(b, gamma, Role::io_server);
            b.services[0].server = first;
            b.services[1].server = second;
        });
    };
    EXPECT_EQ(both(beta, gamma), Verdict{});
    EXPECT_EQ(both(gamma, beta), broken(Rule::manifest_format, 1));
}

TEST(VerifyServers, HaveSlots) {
    // Host bridge, management function, two devices, two clients: 26 slots are left.
    auto with = [](u32 devices, u32 functions) {
        return after([=](ManifestBuilder& b) {
            set_role(b, gamma, Role::io_server);
            for (u32 i = 0; i < devices; ++i)
                b.devices.push_back({0x2'0000 + i, beta, no_group, 0, no_interrupt});
            ManifestBuilder own;
            for (u32 i = 0; i < functions; ++i)
                b.functions.insert(b.functions.begin(), own.add_function(beta, gamma));
        });
    };
    EXPECT_EQ(with(26, 0), Verdict{});
    EXPECT_EQ(with(27, 0), broken(Rule::server_slots, beta));
    EXPECT_EQ(with(20, 6), Verdict{});
    EXPECT_EQ(with(20, 7), broken(Rule::server_slots, beta)) << "what it is served with itself";
}

TEST(VerifyServers, HaveAddresses) {
    auto registers = [](u64 size) {
        return after([=](ManifestBuilder& b) {
            b.resources[2].base = 1024 * gib;
            b.resources[2].size = size;
        });
    };
    EXPECT_EQ(registers(128 * mib), Verdict{});
    EXPECT_EQ(registers(256 * mib), broken(Rule::server_slots, beta));
    // Alpha's memory takes the window's lower half; gamma's cannot have more than the upper.
    auto memory = [](u64 end) {
        return after([=](ManifestBuilder& b) {
            b.add_memory(end - 2 * mib, 3 * gib - 2 * mib - 0x40000000, 2 * mib);
        });
    };
    EXPECT_EQ(memory(128 * gib), Verdict{});
    EXPECT_EQ(memory(128 * gib + 2 * mib), broken(Rule::server_slots, beta));
}

TEST(VerifyServers, EndBelowTheirClients) {
    auto with_end = [](u64 end) {
        return after([=](ManifestBuilder& b) { b.memory[2].guest = end - b.memory[2].size; });
    };
    EXPECT_EQ(with_end(256 * gib), Verdict{});
    EXPECT_EQ(with_end(256 * gib + 2 * mib), broken(Rule::server_memory, beta));
}

} // namespace
} // namespace cloison::abi
