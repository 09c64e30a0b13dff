// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { line_size = 4096, klog_console_off = 6, klog_console_on = 7 };

// One write for the whole line. The kernel prints a message of its own as a whole too, yet may do
// so between two characters of ours: it is kept quiet meanwhile.
void say(const char* format, ...) {
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

void read_line(const char* path, char* text, size_t size) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text, size - 1);
    if (file >= 0)
        close(file);
    text[length > 0 ? length : 0] = 0;
    text[strcspn(text, "\n")] = 0;
}

int find_option(const char* name, char* value, size_t size) {
    char words[line_size];
    read_line("/proc/cmdline", words, sizeof words);
    size_t length = strlen(name);
    for (char* word = strtok(words, " "); word != NULL; word = strtok(NULL, " "))
        if (strncmp(word, name, length) == 0 && word[length] == '=') {
            snprintf(value, size, "%s", word + length + 1);
            return 1;
        }
    return 0;
}

void mount_file_systems(void) {
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, NULL);
    mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, NULL);
}

void wait_for(const char* path) {
    for (int tries = 0; tries < 6000; ++tries) {
        if (access(path, F_OK) == 0)
            return;
        usleep(10000);
    }
    fail(path);
}

int run(const char* const* arguments) {
    pid_t child = fork();
    if (child == 0) {
        execv(arguments[0], (char* const*)arguments);
        _exit(127);
    }
    int status = -1;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}
