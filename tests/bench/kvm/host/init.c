// SPDX-License-Identifier: Apache-2.0
// The first process of the KVM host: loads KVM, makes a disk, and runs the bench guest on it in
// every way that the command line names:
//   bench.runs=SERVER-HALTED,...   the server polls or waits (poll, wait); while the guest is
//   halted,
//                                  its thread polls as long as it pays, or sleeps (poll, sleep)
//   bench.requests=N
//   bench.halt-poll=NS             how long it polls at most (kvm.halt_poll_ns)
// Before each run it prints "@run server=SERVER halted=HALTED", and at the end "@run done".
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static const long disk_size = 16L << 20;
static const char disk_path[] = "/disk";

static void end(const char* what) {
    if (what != NULL)
        printf("@run failed what=%s error=%d\n", what, errno);
    else
        printf("@run done\n");
    fflush(stdout);
    tcdrain(STDOUT_FILENO);
    reboot(RB_POWER_OFF);
    for (;;)
        pause();
}

static void option(const char* name, char* value, size_t size) {
    char words[1024] = "";
    FILE* file = fopen("/proc/cmdline", "r");
    if (file == NULL || fgets(words, sizeof words, file) == NULL)
        end("cmdline");
    fclose(file);
    size_t length = strlen(name);
    for (char* word = strtok(words, " \n"); word != NULL; word = strtok(NULL, " \n"))
        if (strncmp(word, name, length) == 0 && word[length] == '=')
            snprintf(value, size, "%s", word + length + 1);
}

static int load(const char* name) {
    char path[64];
    snprintf(path, sizeof path, "/modules/%s.ko", name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    int loaded = file >= 0 && syscall(SYS_finit_module, file, "", 0) == 0;
    close(file);
    return loaded;
}

// Every page of it is there before anything is measured.
static void make_disk(void) {
    static char zeroes[4096];
    int file = open(disk_path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    for (long at = 0; at < disk_size; at += (long)sizeof zeroes)
        if (file < 0 || write(file, zeroes, sizeof zeroes) != (ssize_t)sizeof zeroes)
            end("disk");
    close(file);
}

// Machines that are made later poll so long.
static void set_halt_poll(const char* nanoseconds) {
    int file = open("/sys/module/kvm/parameters/halt_poll_ns", O_WRONLY | O_CLOEXEC);
    if (file < 0 || write(file, nanoseconds, strlen(nanoseconds)) < 0)
        end("halt_poll_ns");
    close(file);
}

static void run(char* server, const char* halted, char* requests) {
    printf("@run server=%s halted=%s\n", server, halted);
    fflush(stdout);
    tcdrain(STDOUT_FILENO); // or its interrupts are measured too
    char* arguments[] = {"/bench_kvm", "/guest", (char*)disk_path, server, requests, NULL};
    pid_t child = fork();
    if (child == 0) {
        execv(arguments[0], arguments);
        _exit(127);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        end("bench_kvm");
}

int main(void) {
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, NULL);
    printf("@guest init tsc=%llu\n", __builtin_ia32_rdtsc());
    fflush(stdout);
    char runs[256] = "poll-poll", number[16] = "1024", requests[32], halt_poll[32] = "200000";
    option("bench.runs", runs, sizeof runs);
    option("bench.requests", number, sizeof number);
    option("bench.halt-poll", halt_poll, sizeof halt_poll);
    snprintf(requests, sizeof requests, "requests=%s", number);
    if (!load("irqbypass") || !load("kvm") || !load("kvm-intel"))
        end("kvm");
    printf("@run host\n");
    fflush(stdout);
    make_disk();
    char* rest = runs;
    for (char* one; (one = strsep(&rest, ",")) != NULL;) {
        char* server = strsep(&one, "-");
        if (one == NULL)
            end("bench.runs");
        set_halt_poll(strcmp(one, "sleep") == 0 ? "0" : halt_poll);
        run(server, one, requests);
    }
    end(NULL);
}
