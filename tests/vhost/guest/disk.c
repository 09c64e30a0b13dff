// SPDX-License-Identifier: Apache-2.0
// Disks through Linux's virtio_blk driver, past the page cache.
#define _GNU_SOURCE
#include "partitions/images/guest/guest.h"
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { block = 4096, largest = 256 * 1024 };

static _Alignas(4096) unsigned char buffer[largest], expected[largest];

static int open_disk(int flags) {
    int disk = open("/dev/vda", flags | O_CLOEXEC);
    if (disk < 0)
        fail("open");
    return disk;
}

// What is in the block at `offset` after it was written for the `turn`th time: the host's half of
// the test knows the same rule.
static void pattern(unsigned char* at, size_t size, uint64_t offset, uint64_t turn) {
    for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
        uint64_t word = (offset + i) * 0x9E3779B97F4A7C15u + turn;
        memcpy(at + i, &word, sizeof word);
    }
}

static void write_pattern(int disk, uint64_t offset, size_t size, uint64_t turn) {
    pattern(buffer, size, offset, turn);
    if (pwrite(disk, buffer, size, (off_t)offset) != (ssize_t)size)
        fail("write");
}

static void expect_bytes(int disk, uint64_t offset, size_t size, const char* what) {
    memset(buffer, 0x55, size);
    if (pread(disk, buffer, size, (off_t)offset) != (ssize_t)size)
        fail("read");
    errno = 0;
    if (memcmp(buffer, expected, size) != 0)
        fail(what);
}

static void expect_pattern(int disk, uint64_t offset, size_t size, uint64_t turn,
                           const char* what) {
    pattern(expected, size, offset, turn);
    expect_bytes(disk, offset, size, what);
}

static void expect_zeroes(int disk, uint64_t offset, size_t size, const char* what) {
    memset(expected, 0, size);
    expect_bytes(disk, offset, size, what);
}

void test_disk(void) {
    int disk = open_disk(O_RDWR | O_DIRECT);
    uint64_t size = 0;
    if (ioctl(disk, BLKGETSIZE64, &size) != 0)
        fail("size");
    char serial[32] = "";
    int file = open("/sys/block/vda/serial", O_RDONLY);
    if (file < 0 || read(file, serial, sizeof serial - 1) < 0)
        fail("serial");
    say("@guest disk size=%llu serial=%s\n", (unsigned long long)size, serial);

    for (uint64_t offset = 0; offset + largest <= size / 2; offset += largest)
        write_pattern(disk, offset, largest, 1);
    if (fsync(disk) != 0)
        fail("flush");
    for (uint64_t offset = 0; offset + largest <= size / 2; offset += largest)
        expect_pattern(disk, offset, largest, 1, "pattern");
    write_pattern(disk, size - 512, 512, 2); // the last sector
    expect_pattern(disk, size - 512, 512, 2, "last");

    uint64_t range[2] = {block, 4 * block};
    if (ioctl(disk, BLKDISCARD, range) != 0)
        fail("discard");
    expect_zeroes(disk, block, 4 * block, "discarded");
    range[0] = 16 * block;
    if (ioctl(disk, BLKZEROOUT, range) != 0)
        fail("zero");
    expect_zeroes(disk, 16 * block, 4 * block, "zeroed");
    expect_pattern(disk, 0, block, 1, "before");
    expect_pattern(disk, 5 * block, block, 1, "between");
    close(disk);
}

enum { writers = 8, share = 1024 * 1024 };

// Shared by the writers and the one who waits for them.
struct Progress {
    volatile int stop;
    uint64_t turns[writers]; // written and acknowledged, all blocks of a writer's share
};

// Goes over its share again and again, from one end to the other, in pieces of 4 to 32 KiB.
static void write_share(int disk, struct Progress* progress, int writer) {
    uint64_t begin = (uint64_t)writer * share, end = begin + share;
    do {
        uint64_t turn = progress->turns[writer] + 1;
        size_t size = block;
        for (uint64_t offset = begin; offset < end; offset += size) {
            size = (size_t)block << (offset / block % 4);
            if (offset + size > end)
                size = (size_t)(end - offset);
            write_pattern(disk, offset, size, turn);
        }
        progress->turns[writer] = turn;
    } while (!progress->stop);
}

void test_writes(void) {
    int disk = open_disk(O_RDWR | O_DIRECT);
    struct Progress* progress =
        mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (progress == MAP_FAILED)
        fail("memory");
    say("@guest writing\n");
    for (int i = 0; i < writers; ++i)
        if (fork() == 0) {
            write_share(disk, progress, i);
            _exit(0);
        }
    char line[16];
    if (read(STDIN_FILENO, line, sizeof line) <= 0) // until the console says so
        fail("console");
    progress->stop = 1;
    for (int status, i = 0; i < writers; ++i)
        if (wait(&status) < 0 || status != 0)
            fail("writer");
    uint64_t turns = 0;
    for (int i = 0; i < writers; ++i) {
        turns += progress->turns[i];
        for (uint64_t at = 0; at < share; at += largest)
            expect_pattern(disk, (uint64_t)i * share + at, largest, progress->turns[i], "lost");
    }
    say("@guest verified turns=%llu\n", (unsigned long long)turns);
}

void test_random(void) {
    int file = open("/dev/hwrng", O_RDONLY);
    if (file < 0)
        fail("hwrng");
    unsigned char bytes[64] = {0};
    size_t have = 0;
    while (have < sizeof bytes) {
        ssize_t length = read(file, bytes + have, sizeof bytes - have);
        if (length <= 0)
            fail("random");
        have += (size_t)length;
    }
    unsigned seen[256] = {0}, different = 0;
    for (size_t i = 0; i < sizeof bytes; ++i)
        different += seen[bytes[i]]++ == 0;
    say("@guest random bytes=%zu different=%u\n", have, different);
}
