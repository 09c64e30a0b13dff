// SPDX-License-Identifier: Apache-2.0
// The bundle as the option ROM finds it: a small model of Bochs's memory reads it back.
#include "partitions/run/bundle.hpp"

#include "firmware/abi/modules.hpp"
#include "partitions/run/error.hpp"
#include "partitions/run/files.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <map>

namespace cloison::run {

namespace {

constexpr u32 address = 0x3C000000;

FlatImage small_firmware() {
    return {std::vector<u8>(5000, 0xF1), 0x200000, 0x200040};
}

std::vector<u8> pattern(usize size, u8 seed) {
    std::vector<u8> bytes(size);
    for (usize i = 0; i < size; ++i)
        bytes[i] = static_cast<u8>(i * 7 + i / 251 + seed);
    return bytes;
}

std::vector<Module> three_modules() {
    return {{abi::module_manifest, pattern(1000, 1)},
            {"cloison-image-0", pattern(3 * abi::bundle_block + 17, 2)},
            {"cloison-image-1", pattern(4096, 3)}};
}

// Bochs 2.7 as firmware/abi/modules.hpp describes it: blocks are handed out in the order of their
// first touch, from memory into which the file was read in one piece from its first block on.
class BlockMemory {
  public:
    explicit BlockMemory(const std::vector<u8>& file) : file_(file) { touch(address); }

    u8* touch(u64 where) {
        u64 block = where / abi::bundle_block;
        auto [place, fresh] = blocks_.try_emplace(block, used_);
        if (fresh)
            ++used_;
        u64 offset = place->second * abi::bundle_block + where % abi::bundle_block;
        file_.resize(std::max<usize>(file_.size(), offset + abi::bundle_block));
        return file_.data() + offset;
    }

    template <typename T>
    T read(u64 where) {
        T value;
        std::memcpy(&value, touch(where), sizeof value);
        return value;
    }

    std::vector<u8> read_bytes(u64 from, u64 to) {
        std::vector<u8> bytes;
        for (u64 at = from; at < to; ++at)
            bytes.push_back(*touch(at));
        return bytes;
    }

  private:
    std::vector<u8> file_;
    std::map<u64, u64> blocks_;
    u64 used_ = 0;
};

// What firmware/x86/option_rom.S does; false where it would refuse.
bool bring_into_order(BlockMemory& memory) {
    u64 scratch = abi::bundle_scratch;
    for (u32 tries = 0; memory.read<u32>(scratch) != abi::bundle_slack; ++tries) {
        if (tries == 2 * abi::bundle_slack)
            return false;
        scratch += abi::bundle_block;
    }
    auto header = memory.read<abi::BundleHeader>(address);
    for (u32 block = 1; block <= header.data_blocks; ++block)
        memory.touch(address + u64{block} * abi::bundle_block);
    return true;
}

struct Tag {
    u32 type, size, start, end;
};

TEST(Bundle, IsMadeOfWholeBlocks) {
    auto modules = three_modules();
    auto file = make_bundle(small_firmware(), modules, address);
    u64 extent = bundle_extent(small_firmware(), modules);
    EXPECT_EQ(extent % abi::bundle_block, 0u);
    EXPECT_EQ(file.size(), extent + u64{abi::bundle_slack} * abi::bundle_block);
}

TEST(Bundle, SlackBlocksStartWithTheirNumbers) {
    auto file = make_bundle(small_firmware(), three_modules(), address);
    for (u32 block = 1; block <= abi::bundle_slack; ++block) {
        u32 number = 0;
        std::memcpy(&number, file.data() + u64{block} * abi::bundle_block, sizeof number);
        EXPECT_EQ(number, block);
    }
}

class BundleInMemory : public ::testing::TestWithParam<u32> {};

// However many blocks the BIOS touches before the option ROM runs, up to the slack there is.
TEST_P(BundleInMemory, AppearsInOrder) {
    auto modules = three_modules();
    BlockMemory memory(make_bundle(small_firmware(), modules, address));
    for (u32 i = 0; i < GetParam(); ++i)
        memory.touch(0x10000000 + u64{i} * abi::bundle_block); // the BIOS at work
    ASSERT_TRUE(bring_into_order(memory));

    auto header = memory.read<abi::BundleHeader>(address);
    EXPECT_EQ(header.magic, abi::bundle_magic);
    EXPECT_EQ(header.firmware_address, 0x200000u);
    EXPECT_EQ(header.firmware_entry, 0x200040u);
    EXPECT_EQ(memory.read_bytes(address + header.firmware_offset,
                                address + header.firmware_offset + header.firmware_size),
              small_firmware().bytes);

    u64 info = address + header.info_offset;
    EXPECT_EQ(info % 8, 0u);
    u64 at = info + 8;
    for (const Module& module : modules) {
        auto tag = memory.read<Tag>(at);
        EXPECT_EQ(tag.type, 3u);
        EXPECT_EQ(tag.start % page_size, 0u);
        EXPECT_EQ(memory.read_bytes(tag.start, tag.end), module.bytes) << module.name;
        at += round_up(tag.size, 8);
    }
    EXPECT_EQ(at, address + header.mmap_offset);
    auto map = memory.read<Tag>(at);
    EXPECT_EQ(map.type, 6u);
    EXPECT_EQ(map.size, 16 + header.mmap_entries * 24);
}

INSTANTIATE_TEST_SUITE_P(BlocksOfTheBios, BundleInMemory,
                         ::testing::Values(0, 1, 7, abi::bundle_slack - 1));

// Past the slack the data is out of order, and the option ROM must not mistake it for right.
TEST(Bundle, TooBusyABiosIsNoticed) {
    BlockMemory memory(make_bundle(small_firmware(), three_modules(), address));
    for (u32 i = 0; i < abi::bundle_slack; ++i)
        memory.touch(0x10000000 + u64{i} * abi::bundle_block);
    EXPECT_FALSE(bring_into_order(memory));
}

TEST(Bundle, ModulesAreNamedByNumber) {
    auto path = std::filesystem::path(::testing::TempDir()) / "bundle-image";
    write_file(path, std::string_view("kernel"));
    std::vector<std::filesystem::path> images{path, path};
    auto modules = make_modules({1, 2, 3}, images);
    ASSERT_EQ(modules.size(), 3u);
    EXPECT_EQ(modules[0].name, "cloison-manifest");
    EXPECT_EQ(modules[0].bytes, (std::vector<u8>{1, 2, 3}));
    EXPECT_EQ(modules[1].name, "cloison-image-0");
    EXPECT_EQ(modules[2].name, "cloison-image-1");
    EXPECT_EQ(modules[2].bytes.size(), 6u);
}

TEST(Bundle, AMissingImageIsAnError) {
    std::vector<std::filesystem::path> images{"/nonexistent/image"};
    EXPECT_THROW(make_modules({}, images), RunError);
}

} // namespace

} // namespace cloison::run
