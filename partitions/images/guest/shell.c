// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "guest.h"
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

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
    char* environment[] = {"PATH=/bin:/sbin", "HOME=/", "TERM=vt102", NULL};
    execve("/bin/busybox", arguments, environment);
    _exit(127);
}

int start_shell(void) {
    const char* install[] = {"/bin/busybox", "--install", "-s", "/bin", NULL};
    if (access("/bin/sh", F_OK) != 0 && run(install) != 0)
        say("init: not all commands could be installed\n");
    pid_t shell = fork();
    if (shell < 0)
        say("init: no process for a shell: %s\n", strerror(errno));
    if (shell == 0)
        become_shell();
    return shell;
}
