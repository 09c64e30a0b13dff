// SPDX-License-Identifier: Apache-2.0
// The guests' first process: says from inside what the partition is given, then does what the
// command line asks for with cloison.then=power-off (the default), shell or idle.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { line_size = 4096, klog_console_off = 6, klog_console_on = 7 };

static uint64_t read_tsc(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

// One write for the whole line. The kernel prints a message of its own as a whole too, yet may do
// so between two characters of ours: it is kept quiet meanwhile.
__attribute__((format(printf, 1, 2))) static void say(const char* format, ...) {
    char line[2 * line_size];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    size_t left = (size_t)length < sizeof line ? (size_t)length : sizeof line - 1;

    klogctl(klog_console_off, NULL, 0);
    for (const char* at = line; left > 0;) {
        ssize_t written = write(STDOUT_FILENO, at, left);
        if (written < 0 && errno != EINTR)
            break;
        if (written > 0) {
            at += written;
            left -= (size_t)written;
        }
    }
    tcdrain(STDOUT_FILENO);
    klogctl(klog_console_on, NULL, 0);
}

// The file's text up to its first newline, in `text` of `size` bytes; empty where it cannot be
// read.
static void read_line(const char* path, char* text, size_t size) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text, size - 1);
    if (file >= 0)
        close(file);
    text[length > 0 ? length : 0] = 0;
    text[strcspn(text, "\n")] = 0;
}

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

// The value of `name=` on the command line, in `value`; false where it is not there.
static int find_option(const char* command_line, const char* name, char* value, size_t size) {
    char words[line_size];
    snprintf(words, sizeof words, "%s", command_line);
    size_t length = strlen(name);
    for (char* word = strtok(words, " "); word != NULL; word = strtok(NULL, " "))
        if (strncmp(word, name, length) == 0 && word[length] == '=') {
            snprintf(value, size, "%s", word + length + 1);
            return 1;
        }
    return 0;
}

// A shell with job control needs a terminal to control, which /dev/console cannot be; the terminal
// behind it can.
static void become_shell(void) {
    char active[64], path[80];
    read_line("/sys/class/tty/console/active", active, sizeof active);
    const char* last = strrchr(active, ' ');
    snprintf(path, sizeof path, "/dev/%s", last != NULL ? last + 1 : active);
    setsid();
    int terminal = open(path, O_RDWR);
    if (terminal >= 0) {
        ioctl(terminal, TIOCSCTTY, 0);
        for (int i = STDIN_FILENO; i <= STDERR_FILENO; ++i)
            dup2(terminal, i);
        if (terminal > STDERR_FILENO)
            close(terminal);
    }
    char* arguments[] = {"sh", NULL};
    char* environment[] = {"PATH=/bin", "HOME=/", "TERM=vt102", NULL};
    execve("/bin/busybox", arguments, environment);
    _exit(127);
}

static void run_shell(void) {
    if (system("/bin/busybox --install -s /bin") != 0)
        say("init: not all commands could be installed\n");
    pid_t shell = fork();
    if (shell < 0) {
        say("init: no process for a shell: %s\n", strerror(errno));
        return;
    }
    if (shell == 0)
        become_shell();
    while (wait(NULL) != shell) // orphans end here too
        continue;
}

int main(void) {
    uint64_t tsc = read_tsc();
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, NULL);

    char command_line[line_size];
    read_line("/proc/cmdline", command_line, sizeof command_line);
    struct utsname kernel;
    uname(&kernel);
    say("@guest init tsc=%llu\n", (unsigned long long)tsc);
    say("@guest report cpus=%ld memory=%llu kernel=%s cmdline=%s\n", sysconf(_SC_NPROCESSORS_ONLN),
        (unsigned long long)usable_memory(), kernel.release, command_line);

    char then[32] = "power-off";
    find_option(command_line, "cloison.then", then, sizeof then);
    if (strcmp(then, "shell") == 0)
        run_shell();
    else if (strcmp(then, "idle") == 0)
        for (;;)
            pause();
    else if (strcmp(then, "power-off") != 0)
        say("init: cloison.then=%s is none of power-off, shell, idle\n", then);
    reboot(RB_POWER_OFF);
    say("init: the machine did not power off: %s\n", strerror(errno));
    for (;;)
        pause();
}
