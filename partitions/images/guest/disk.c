// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "disk.h"
#include "checks.h"
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { chunk = 64 * 1024, file_size = 4 * 1024 * 1024 };

static unsigned char buffer[chunk], expected[chunk];

void make_file_system(const char* device) {
    const char* command[] = {"/sbin/mke2fs", "-q", "-F", "-t", "ext4", device, NULL};
    int status = run(command);
    errno = status;
    if (status != 0)
        fail("mke2fs");
}

static void fill(unsigned char* at, size_t offset, unsigned disk) {
    for (size_t i = 0; i < chunk; i += sizeof(uint64_t)) {
        uint64_t word = (offset + i + disk) * 0x9E3779B97F4A7C15u;
        memcpy(at + i, &word, sizeof word);
    }
}

static void write_file(const char* path, unsigned disk) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0)
        fail("create");
    for (size_t offset = 0; offset < file_size; offset += chunk) {
        fill(buffer, offset, disk);
        if (write(file, buffer, chunk) != chunk)
            fail("write");
    }
    if (fsync(file) != 0 || close(file) != 0)
        fail("fsync");
}

static void verify_file(const char* path, unsigned disk) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        fail("open");
    for (size_t offset = 0; offset < file_size; offset += chunk) {
        fill(expected, offset, disk);
        if (read(file, buffer, chunk) != chunk)
            fail("read");
        errno = 0;
        if (memcmp(buffer, expected, chunk) != 0)
            fail("pattern");
    }
    close(file);
}

static void drop_caches(void) {
    int file = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
    if (file < 0 || write(file, "3", 1) != 1)
        fail("drop_caches");
    close(file);
}

static void check_disk(unsigned disk) {
    char device[16];
    snprintf(device, sizeof device, "/dev/vd%c", 'a' + (int)disk);
    wait_for(device);
    make_file_system(device);
    mkdir("/mnt", 0755);
    // Unmounted in between, so that nothing of it is left in this guest's memory.
    if (mount(device, "/mnt", "ext4", 0, NULL) != 0)
        fail("mount");
    write_file("/mnt/file", disk);
    if (umount("/mnt") != 0)
        fail("umount");
    drop_caches();
    if (mount(device, "/mnt", "ext4", 0, NULL) != 0)
        fail("mount-again");
    verify_file("/mnt/file", disk);
    if (umount("/mnt") != 0)
        fail("umount-again");
}

void check_disks(unsigned count) {
    for (unsigned disk = 0; disk < count; ++disk)
        check_disk(disk);
    say("@guest served disk=ok disks=%u bytes=%u\n", count, count * file_size);
}
