// SPDX-License-Identifier: Apache-2.0
// Kernels of both kinds, from the layout to the memory of the partition that boots them.
#include "firmware/abi/manifest_view.hpp"
#include "tests/unit/partitions/fake_activation.hpp"
#include "tests/unit/partitions/test_share.hpp"

#include <gtest/gtest.h>

namespace cloison::test {
namespace {

TEST(Kernels, BothKindsBoot) {
    TestShare share;
    Compilation compilation = compile(samples() / "good-vmlinux.xml");
    ASSERT_TRUE(compilation.ok());
    auto view = abi::open_manifest(compilation.value->manifest);
    ASSERT_TRUE(view);
    auto kind = [&](u32 partition) {
        return static_cast<abi::ImageKind>(view->images[view->partitions[partition].kernel].kind);
    };
    EXPECT_EQ(kind(0), abi::ImageKind::linux_elf);
    EXPECT_EQ(kind(1), abi::ImageKind::linux_kernel);
    expect_activates(*compilation.value);
}

} // namespace
} // namespace cloison::test
