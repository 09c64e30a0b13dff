// SPDX-License-Identifier: Apache-2.0
// The guests' first process: says from inside what the partition is given, tries what it is served,
// and ends. Words on the kernel's command line say what to do, checks in this order:
//
//   cloison.registers=N    has N processes take turns with AVX registers
//   cloison.disks=N        makes file systems on N virtio disks, writes and verifies
//   cloison.ports=N        sends frames between N network ports
//   cloison.address=A/L    address of eth0, for the two that follow
//   cloison.gateway=A      pings it
//   cloison.peer=A         pings another guest that does the same, and exchanges streams with it
//   cloison.answer=N       answers N guests that measure
//   cloison.measure=A      measures the network to the guest that answers there
//   cloison.consoles=N     writes to N virtio consoles
//   cloison.then=WORD      power-off (the default), shell, idle, or serve: what a control
//                          partition does (serve.h), with the disk of cloison.srv=DEVICE,
//                          polling for cloison.poll=yes
#define _GNU_SOURCE
#include "checks.h"
#include "guest.h"
#include "serve.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t memory_range_value(const char* range, const char* field) {
    char path[512], text[32];
    snprintf(path, sizeof path, "/sys/firmware/memmap/%s/%s", range, field);
    read_line(path, text, sizeof text);
    return strtoull(text, NULL, 16);
}

// Sum of what the firmware's memory map calls usable, before the kernel takes its share.
static uint64_t usable_memory(void) {
    DIR* ranges = opendir("/sys/firmware/memmap");
    if (ranges == NULL)
        return 0;
    uint64_t sum = 0;
    for (struct dirent* entry; (entry = readdir(ranges)) != NULL;) {
        char path[512], type[64];
        snprintf(path, sizeof path, "/sys/firmware/memmap/%s/type", entry->d_name);
        read_line(path, type, sizeof type);
        if (strcmp(type, "System RAM") == 0)
            sum += memory_range_value(entry->d_name, "end") -
                   memory_range_value(entry->d_name, "start") + 1;
    }
    closedir(ranges);
    return sum;
}

static void run_shell(void) {
    int shell = start_shell();
    while (shell > 0 && wait(NULL) != shell) // orphans end here too
        continue;
}

static const char* part = "init"; // or which check runs, in its process

void fail(const char* what) {
    say("@guest served %s=failed what=%s error=%d\n", part, what, errno);
    _exit(1);
}

// Each check in a process of its own, so that the others go on when one fails.
static void check(const char* name, void (*body)(const char*), const char* argument) {
    char value[64];
    if (!find_option(argument, value, sizeof value))
        return;
    part = name;
    pid_t child = fork();
    if (child == 0) {
        body(value);
        _exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || WIFSIGNALED(status))
        say("@guest served %s=failed signal=%d\n", name, WTERMSIG(status));
    part = "init";
}

static unsigned number(const char* text) {
    return (unsigned)strtoul(text, NULL, 10);
}
static void disks(const char* count) {
    check_disks(number(count));
}
static void registers(const char* count) {
    check_registers(number(count));
}
static void ports(const char* count) {
    check_ports(number(count));
}
static void consoles(const char* count) {
    check_consoles(number(count));
}

static void answer(const char* count) {
    answer_measurements(number(count));
}

static void check_all(void) {
    check("registers", registers, "cloison.registers");
    check("disk", disks, "cloison.disks");
    check("ports", ports, "cloison.ports");
    check("address", set_address, "cloison.address");
    check("gateway", check_gateway, "cloison.gateway");
    check("net", check_peer, "cloison.peer");
    check("answer", answer, "cloison.answer");
    check("measure", measure_network, "cloison.measure");
    check("consoles", consoles, "cloison.consoles");
}

static void report(uint64_t tsc) {
    char command_line[4096];
    read_line("/proc/cmdline", command_line, sizeof command_line);
    struct utsname kernel;
    uname(&kernel);
    say("@guest init tsc=%llu\n", (unsigned long long)tsc);
    say("@guest report cpus=%ld memory=%llu kernel=%s cmdline=%s\n", sysconf(_SC_NPROCESSORS_ONLN),
        (unsigned long long)usable_memory(), kernel.release, command_line);
}

int main(void) {
    uint64_t tsc = read_tsc();
    mount_file_systems();
    report(tsc);
    load_modules();
    check_all();

    char then[32] = "power-off";
    find_option("cloison.then", then, sizeof then);
    if (strcmp(then, "serve") == 0)
        serve();
    else if (strcmp(then, "shell") == 0)
        run_shell();
    else if (strcmp(then, "idle") == 0)
        for (;;)
            pause();
    else if (strcmp(then, "power-off") != 0)
        say("init: cloison.then=%s is none of power-off, shell, idle, serve\n", then);
    sync();
    reboot(RB_POWER_OFF);
    say("init: the machine did not power off: %s\n", strerror(errno));
    for (;;)
        pause();
}
