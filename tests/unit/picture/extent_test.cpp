// SPDX-License-Identifier: Apache-2.0
// Every CPU, every block of memory and everybody's colour, as the plan has them.
#include "partitions/picture/segments.hpp"
#include "partitions/xml/values.hpp"
#include "tests/unit/partitions/test_share.hpp"
#include "tests/unit/picture/drawing.hpp"

#include <gtest/gtest.h>

#include <map>

namespace cloison::test {
namespace {

class Extents : public testing::Test {
  protected:
    Extents()
        : compiled_(*compile(samples() / "good-everything.xml", Purpose::model).value),
          drawing_(read_drawing(picture::draw(compiled_))) {}

    TestShare share_;
    CompiledLayout compiled_;
    Drawing drawing_;
};

TEST_F(Extents, OfCpusAreTheirOwners) {
    std::map<std::string, std::string> paints; // by owner
    for (const Shape& shape : with_tip(drawing_, "CPU ")) {
        std::string owner = shape.words.substr(shape.words.rfind(": ") + 2);
        auto [first, fresh] = paints.emplace(owner, shape.paint);
        EXPECT_EQ(first->second, shape.paint) << shape.words;
    }
    EXPECT_EQ(paints.size(), 5u); // three partitions, the pool, free
    for (u32 id : compiled_.plan.pools[0]) {
        auto found = with_tip(drawing_, "CPU " + std::to_string(id) + " ");
        ASSERT_EQ(found.size(), 1u);
        EXPECT_TRUE(found[0].words.ends_with(": pool common")) << found[0].words;
        EXPECT_EQ(found[0].paint[0], 'h');
    }
    for (usize i = 0; i < compiled_.plan.partitions.size(); ++i)
        for (u32 id : compiled_.plan.partitions[i].apic_ids) {
            auto found = with_tip(drawing_, "CPU " + std::to_string(id) + " ");
            ASSERT_EQ(found.size(), 1u);
            EXPECT_TRUE(found[0].words.ends_with(": " + compiled_.layout.partitions[i].name));
        }
}

TEST_F(Extents, OfMemoryAreToScale) {
    auto alpha = with_tip(drawing_, "alpha: 1GiB at "); // the largest block, so most precise
    ASSERT_EQ(alpha.size(), 1u);
    double per_byte = alpha[0].box.w / static_cast<double>(gib);
    EXPECT_GT(alpha[0].box.w, 100);
    for (usize i = 0; i < compiled_.plan.partitions.size(); ++i) {
        for (const PlannedMemory& block : compiled_.plan.partitions[i].memory) {
            std::string tip = compiled_.layout.partitions[i].name + ": " +
                              xml::format_size(block.size) + " at " + xml::format_hex(block.host) +
                              ", guest address " + xml::format_hex(block.guest);
            auto found = with_tip(drawing_, tip);
            ASSERT_EQ(found.size(), 1u) << tip;
            EXPECT_NEAR(found[0].box.w, per_byte * static_cast<double>(block.size), 0.02) << tip;
        }
    }
    auto staging = with_tip(drawing_, "staging: 64MiB");
    ASSERT_EQ(staging.size(), 1u);
    EXPECT_NEAR(staging[0].box.w, per_byte * 64 * mib, 0.02);
    EXPECT_EQ(with_tip(drawing_, "firmware: 4MiB at 0x200000").size(), 1u);
}

TEST_F(Extents, OfSegmentsAreTheBudget) {
    u64 given = 0, free = 0, rest = 0, all = 0;
    for (const picture::NodeRam& node : picture::cut_memory(compiled_)) {
        given += node.size_of(picture::Use::partition);
        free += node.size_of(picture::Use::free);
        rest += node.size_of(picture::Use::rest);
        all += node.size();
        for (const picture::Range& range : node.ranges)
            for (usize i = 1; i < range.size(); ++i)
                EXPECT_EQ(range[i].extent.base, range[i - 1].extent.end());
    }
    const MemoryBudget& budget = compiled_.plan.budget;
    EXPECT_EQ(given, budget.given);
    EXPECT_EQ(free, budget.free);
    EXPECT_EQ(rest, budget.low + budget.fragments);
    EXPECT_EQ(all, budget.ram);
}

} // namespace
} // namespace cloison::test
