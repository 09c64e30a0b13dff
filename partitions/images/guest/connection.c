// SPDX-License-Identifier: Apache-2.0
// Connections between guests.
#define _GNU_SOURCE
#include "guest.h"
#include "net.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { patience = 120 /* s */ };

int open_listener(uint16_t port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    struct sockaddr_in here = address_of("0.0.0.0", port);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr*)&here, sizeof here) != 0 || listen(listener, 2) != 0)
        fail("listen");
    return listener;
}

int connect_to(const char* address, uint16_t port) {
    struct sockaddr_in there = address_of(address, port);
    for (int tries = 0; tries < patience; ++tries) {
        int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(connection, (struct sockaddr*)&there, sizeof there) == 0)
            return connection;
        if (errno != ECONNREFUSED && errno != EHOSTUNREACH)
            fail("connect");
        close(connection);
        sleep(1);
    }
    fail("connect");
}

int begin_to_answer(void (*answer)(int listener), int listener) {
    pid_t process = fork();
    if (process < 0)
        fail("fork");
    if (process == 0) {
        answer(listener);
        _exit(0);
    }
    return process;
}

void end_of_answer(int process) {
    int status = -1;
    waitpid(process, &status, 0);
    errno = 0;
    if (status != 0)
        fail("answer");
}
