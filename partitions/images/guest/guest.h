// SPDX-License-Identifier: Apache-2.0
// What the parts of the guests' first process share.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// A line on the console, in one piece.
__attribute__((format(printf, 1, 2))) void say(const char* format, ...);
/// Ends what is going on, saying what failed and errno. Each program has its own.
__attribute__((noreturn)) void fail(const char* what);

/// Ticks of the CPU since power-on.
static inline uint64_t read_tsc(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

/// The file's text up to its first newline, in `text` of `size` bytes; empty where it cannot be
/// read.
void read_line(const char* path, char* text, size_t size);
/// The value of `name=` on the kernel's command line, in `value`; 0 where it is not there.
int find_option(const char* name, char* value, size_t size);

/// proc, sysfs, devtmpfs, and a tmpfs at /run, where there are folders for them.
void mount_file_systems(void);
/// Loads every module in /modules, each behind those that it depends on. Fails where one cannot be.
void load_modules(void);
/// Until `path` is there: drivers find their devices in their own time. Fails after a minute.
void wait_for(const char* path);
/// Runs a program to its end; its exit status, -1 where it has none.
int run(const char* const* arguments);
