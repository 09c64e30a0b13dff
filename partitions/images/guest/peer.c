// SPDX-License-Identifier: Apache-2.0
// Two guests on one switch, each of which asks and answers.
#define _GNU_SOURCE
#include "checks.h"
#include "guest.h"
#include "net.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { port = 7000, stream_size = 1024 * 1024, patience = 120 /* s */, pings = 5 };

static int open_listener(void) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    struct sockaddr_in here = address_of("0.0.0.0", port);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr*)&here, sizeof here) != 0 || listen(listener, 1) != 0)
        fail("listen");
    return listener;
}

// Sends the other guest its stream back. The last of it has arrived when this returns: closing
// waits.
static void answer(int listener) {
    struct timeval limit = {.tv_sec = patience};
    setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    int connection = accept(listener, NULL, NULL);
    if (connection < 0)
        fail("accept");
    receive_stream(connection, stream_size);
    send_stream(connection, stream_size);
    struct linger linger = {.l_onoff = 1, .l_linger = 10};
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(connection);
}

// The other guest may still be booting.
static int connect_to(const char* peer) {
    struct sockaddr_in there = address_of(peer, port);
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

void check_peer(const char* peer) {
    int listener = open_listener();
    pid_t answers = fork();
    if (answers < 0)
        fail("fork");
    if (answers == 0) {
        answer(listener);
        _exit(0);
    }
    errno = 0;
    if (ping(peer, pings, patience) != pings)
        fail("ping");
    int connection = connect_to(peer);
    send_stream(connection, stream_size);
    receive_stream(connection, stream_size);
    close(connection);
    int status = -1;
    waitpid(answers, &status, 0);
    errno = 0;
    if (status != 0)
        fail("answer");
    say("@guest served net=ok tcp-bytes=%d pings=%d\n", 4 * stream_size, pings);
}
