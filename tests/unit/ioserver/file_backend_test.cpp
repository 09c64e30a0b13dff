// SPDX-License-Identifier: Apache-2.0
// Disks in files: what is written is there, holes are holes, and nobody else has the file.
#include "ioserver/linux/block/file_backend.hpp"
#include "ioserver/linux/error.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace cloison::io {
namespace {

struct FileBackendTest : testing::Test {
    FileBackendTest() {
        Descriptor file(mkstemp(path));
        EXPECT_EQ(ftruncate(file.get(), 1 << 20), 0);
    }
    ~FileBackendTest() override { unlink(path); }
    FileBackendTest(const FileBackendTest&) = delete;
    FileBackendTest& operator=(const FileBackendTest&) = delete;

    static BlockStatus run(FileBackend& disk, BlockRequest request) {
        request.token = 5;
        EXPECT_TRUE(disk.submit(request));
        disk.start();
        for (;;) {
            disk.wait();
            if (std::optional<BlockCompletion> completion = disk.completed()) {
                EXPECT_EQ(completion->token, 5u);
                return completion->status;
            }
        }
    }
    static BlockRequest make(BlockOperation operation, u64 offset, u64 size,
                             std::span<const Segment> data = {}) {
        BlockRequest request;
        request.operation = operation;
        request.offset = offset;
        request.size = size;
        request.data = data;
        return request;
    }
    [[nodiscard]] u64 blocks() const {
        struct stat state {};
        EXPECT_EQ(stat(path, &state), 0);
        return static_cast<u64>(state.st_blocks);
    }
    [[nodiscard]] std::string content(long offset, usize size) const {
        std::ifstream file(path, std::ios::binary);
        file.seekg(offset);
        std::string text(size, '\0');
        file.read(text.data(), static_cast<long>(size));
        return text;
    }

    char path[32] = "/tmp/cloison-disk-XXXXXX";
    EventLoop loop;
    std::vector<u8> bytes = std::vector<u8>(8192, 'w');
    Segment data[2] = {{bytes.data(), 1024}, {bytes.data() + 1024, 7168}};
};

TEST_F(FileBackendTest, WritesReadsAndFlushes) {
    FileBackend disk(loop, path, false);
    EXPECT_EQ(disk.properties().sectors, 2048u);
    EXPECT_EQ(run(disk, make(BlockOperation::write, 4096, 8192, data)), BlockStatus::ok);
    EXPECT_EQ(content(4096, 8192), std::string(8192, 'w'));
    EXPECT_EQ(content(0, 4096), std::string(4096, '\0'));
    bytes.assign(8192, 'x');
    EXPECT_EQ(run(disk, make(BlockOperation::read, 4096, 8192, data)), BlockStatus::ok);
    EXPECT_EQ(bytes, std::vector<u8>(8192, 'w'));
    EXPECT_EQ(run(disk, make(BlockOperation::flush, 0, 0)), BlockStatus::ok);
    BlockRequest durable = make(BlockOperation::write, 0, 8192, data);
    durable.durable = true;
    EXPECT_EQ(run(disk, durable), BlockStatus::ok);
}

TEST_F(FileBackendTest, DiscardMakesAHole) {
    FileBackend disk(loop, path, false);
    run(disk, make(BlockOperation::write, 65536, 8192, data));
    run(disk, make(BlockOperation::flush, 0, 0));
    u64 before = blocks();
    ASSERT_EQ(run(disk, make(BlockOperation::discard, 65536, 8192)), BlockStatus::ok);
    EXPECT_LT(blocks(), before);
    EXPECT_EQ(content(65536, 8192), std::string(8192, '\0'));
}

TEST_F(FileBackendTest, ZeroesWhateverTheFileCanDo) {
    FileBackend disk(loop, path, false);
    for (bool durable : {false, true}) { // durable zeroes are written
        run(disk, make(BlockOperation::write, 0, 8192, data));
        BlockRequest zeroes = make(BlockOperation::write_zeroes, 512, 4096);
        zeroes.durable = durable;
        ASSERT_EQ(run(disk, zeroes), BlockStatus::ok);
        EXPECT_EQ(content(0, 512) + content(4608, 512), std::string(1024, 'w'));
        EXPECT_EQ(content(512, 4096), std::string(4096, '\0'));
    }
}

TEST_F(FileBackendTest, AFileThatBecameShorterIsAnError) {
    FileBackend disk(loop, path, false);
    ASSERT_EQ(truncate(path, 4096), 0);
    EXPECT_EQ(run(disk, make(BlockOperation::read, 0, 8192, data)), BlockStatus::io_error);
}

TEST_F(FileBackendTest, ReadersShareAndRefuseToWrite) {
    FileBackend first(loop, path, true), second(loop, path, true);
    EXPECT_TRUE(first.properties().read_only);
    EXPECT_EQ(run(first, make(BlockOperation::write, 0, 8192, data)), BlockStatus::io_error);
    EXPECT_EQ(run(second, make(BlockOperation::read, 0, 8192, data)), BlockStatus::ok);
}

TEST_F(FileBackendTest, SaysWhatIsNoDisk) {
    EXPECT_THROW(FileBackend(loop, "/no/such/file", false), ServerError);
    EXPECT_THROW(FileBackend(loop, "/dev/null", false), ServerError);
    ASSERT_EQ(truncate(path, 511), 0);
    EXPECT_THROW(FileBackend(loop, path, false), ServerError);
}

} // namespace
} // namespace cloison::io
