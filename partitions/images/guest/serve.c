// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "serve.h"
#include "disk.h"
#include "guest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// A disk without a file system is given one: the machine's first boot. Volumes are files in it: the
// server makes them, of any number and size, and no partition table has to say where they are.
static void mount_storage(void) {
    char device[64] = "";
    if (!find_option("cloison.srv", device, sizeof device))
        return;
    wait_for(device);
    if (mount(device, "/srv", "ext4", MS_NOATIME, NULL) == 0)
        return;
    make_file_system(device);
    if (mount(device, "/srv", "ext4", MS_NOATIME, NULL) != 0)
        fail("/srv");
}

// The second serial line, where this partition owns it, carries what the clients' consoles say.
static int has_second_line(void) {
    char type[16];
    read_line("/sys/class/tty/ttyS1/type", type, sizeof type);
    return *type != 0 && strcmp(type, "0") != 0; // 0: PORT_UNKNOWN, nothing answers there
}

static pid_t start_server(void) {
    const char* arguments[8] = {"/sbin/ioserver", "--adapters", "--state", "/run/ioserver"};
    size_t count = 4;
    if (has_second_line()) {
        arguments[count++] = "--console-line";
        arguments[count++] = "/dev/ttyS1";
    }
    char poll[8] = "no";
    find_option("cloison.poll", poll, sizeof poll);
    if (strcmp(poll, "yes") == 0)
        arguments[count++] = "--poll";
    pid_t server = fork();
    if (server == 0) {
        execv(arguments[0], (char* const*)arguments);
        _exit(127);
    }
    return server;
}

void serve(void) {
    mkdir("/run/ioserver", 0700);
    mount_storage();
    unsigned starts = 1;
    time_t started = time(NULL);
    pid_t server = start_server();
    pid_t shell = start_shell();
    for (;;) {
        int status = 0;
        pid_t ended = wait(&status); // orphans end here too
        if (ended == server) {       // a line of its own, behind the shell's prompt
            say("\n@guest ioserver ended=%s%d start=%u\n",
                WIFSIGNALED(status) ? "signal-" : "status-",
                WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), ++starts);
            if (time(NULL) <= started + 1) // it cannot serve; not as fast as possible
                sleep(1);
            started = time(NULL);
            server = start_server();
        } else if (ended == shell) {
            shell = start_shell();
        } else if (ended < 0 && errno != EINTR) {
            sleep(1);
        }
    }
}
