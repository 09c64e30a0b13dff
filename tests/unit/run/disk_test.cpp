// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/disk.hpp"

#include "partitions/run/error.hpp"
#include "partitions/run/files.hpp"

#include <gtest/gtest.h>

namespace cloison::run {

namespace {

struct DiskTest : ::testing::Test {
    RunFolder folder{{}};
    std::filesystem::path mine = folder.path() / "mine.img";
};

TEST_F(DiskTest, IsANewOneInEveryRun) {
    auto image = folder.path() / "disk.img";
    write_file(image, std::string_view("of an earlier run"));
    Disk disk(folder.path(), 4 * mib, {});
    EXPECT_EQ(disk.image(), image);
    EXPECT_EQ(read_file(image), std::vector<u8>(4 * mib));
}

TEST_F(DiskTest, OnesOwnIsMadeOnceAndKept) {
    {
        Disk disk(folder.path(), 4 * mib, mine);
        EXPECT_EQ(std::filesystem::file_size(mine), 4 * mib);
    }
    write_file(mine, std::string_view("kept"));
    Disk disk(folder.path(), 4 * mib, mine);
    EXPECT_EQ(read_file(mine).size(), 4u);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "disk.img"));
    EXPECT_THROW(Disk(folder.path(), mib, "/nonexistent/disk.img"), RunError);
}

TEST_F(DiskTest, HasOneRunAtATime) {
    {
        Disk disk(folder.path(), mib, mine);
        EXPECT_THROW(Disk(folder.path(), mib, mine), RunError);
    }
    EXPECT_NO_THROW(Disk(folder.path(), mib, mine));
}

// As a Bochs that was killed leaves it.
TEST_F(DiskTest, BochssLockIsNoneOfALivingRun) {
    write_file(folder.path() / "mine.img.lock", std::string_view{});
    Disk disk(folder.path(), mib, mine);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "mine.img.lock"));
}

} // namespace

} // namespace cloison::run
