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

TEST(Support, NoOtherRole) {
    for (Role role : {Role::control, Role::io_server})
        for (u32 p : {0u, 1u})
            EXPECT_EQ(after([&](auto& b) { b.partitions[p].role = static_cast<u32>(role); }),
                      not_yet(p));
}

TEST(Support, NoOtherBoot) {
    EXPECT_EQ(after([](auto& b) {
                  b.partitions[1].boot_kind = static_cast<u32>(BootKind::multiboot1);
                  b.partitions[1].kernel = 2;
              }),
              not_yet(1));
}

TEST(Support, NoDevice) {
    for (u32 p : {0u, 1u}) {
        EXPECT_EQ(after([&](auto& b) { b.devices = {{0x18, p, no_group, 0}}; }), not_yet(p));
        EXPECT_EQ(after([&](auto& b) { b.add_resource(ResourceKind::mmio, p, 3 * gib, mib); }),
                  not_yet(p));
        EXPECT_EQ(after([&](auto& b) { b.add_resource(ResourceKind::ports, p, 0x2F8, 8); }),
                  not_yet(p));
        EXPECT_EQ(after([&](auto& b) { b.add_resource(ResourceKind::interrupt, p, 3, 1); }),
                  not_yet(p));
    }
}

} // namespace
} // namespace cloison::abi
