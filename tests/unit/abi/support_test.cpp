// SPDX-License-Identifier: Apache-2.0
// What is sound and yet refused, since the firmware cannot do it; each by the partition that wants
// it.
#include "firmware/abi/support.hpp"
#include "firmware/abi/verify.hpp"
#include "tests/unit/abi/manifest_builder.hpp"
#include "tests/unit/abi/verdict_printing.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace cloison::abi {
namespace {

using test::ManifestBuilder;

/// Two partitions as the firmware runs them today.
ManifestBuilder plain() {
    ManifestBuilder b = test::two_partitions();
    b.devices.clear();
    b.resources.clear();
    b.sort();
    return b;
}

/// The verdict on a sound manifest that asks for one thing more.
Verdict after(const std::function<void(ManifestBuilder&)>& ask) {
    ManifestBuilder b = plain();
    ask(b);
    b.sort();
    auto bytes = b.bytes();
    EXPECT_EQ(verify(bytes), Verdict{});
    return check_support(*open_manifest(bytes));
}

constexpr Verdict not_yet(u32 partition) {
    return {Rule::not_yet, partition};
}

TEST(Support, ClientsThatBootLinux) {
    EXPECT_EQ(after([](ManifestBuilder&) {}), Verdict{});
    EXPECT_EQ(after([](auto& b) { b.partitions[1].activation = 7; }), Verdict{});
    EXPECT_EQ(after([](auto& b) { b.header.machine_flags = 3; }), Verdict{});
}

TEST(Support, Servers) {
    for (Role role : {Role::control, Role::io_server})
        EXPECT_EQ(after([&](auto& b) {
                      b.partitions[0].role = static_cast<u32>(role);
                      b.add_function(1, 0);
                      b.services = {{0, 0, {}}};
                  }),
                  Verdict{});
    EXPECT_EQ(after([](auto& b) { b.partitions[1].failure_policy = 1; }), Verdict{});
}

TEST(Support, NoOtherBoot) {
    EXPECT_EQ(after([](auto& b) {
                  b.partitions[1].boot_kind = static_cast<u32>(BootKind::multiboot1);
                  b.partitions[1].kernel = 2;
              }),
              not_yet(1));
}

TEST(Support, DevicesOfServersOnly) {
    for (u32 p : {0u, 1u}) {
        auto owned = [&](const std::function<void(ManifestBuilder&)>& add) {
            EXPECT_EQ(after(add), not_yet(p));
            EXPECT_EQ(after([&](auto& b) {
                          b.partitions[p].role = static_cast<u32>(Role::io_server);
                          add(b);
                      }),
                      Verdict{});
        };
        owned([&](auto& b) { b.devices = {{0x18, p, no_group, 0, no_interrupt}}; });
        owned([&](auto& b) { b.add_resource(ResourceKind::mmio, p, 3 * gib, mib); });
        owned([&](auto& b) { b.add_resource(ResourceKind::ports, p, 0x2F8, 8); });
        owned([&](auto& b) { b.add_resource(ResourceKind::interrupt, p, 3, 1); });
    }
}

TEST(Support, NoIommu) {
    auto with_flags = [](u32 flags) {
        return after([=](ManifestBuilder& b) {
            b.partitions[1].role = static_cast<u32>(Role::io_server);
            b.header.machine_flags = static_cast<u32>(MachineFlag::iommu);
            b.devices = {{0x18, 1, no_group, flags, no_interrupt}};
        });
    };
    EXPECT_EQ(with_flags(0), Verdict{});
    EXPECT_EQ(with_flags(static_cast<u32>(DeviceFlag::dma)), not_yet(1));
}

} // namespace
} // namespace cloison::abi
