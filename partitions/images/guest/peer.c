// SPDX-License-Identifier: Apache-2.0
// Two guests on one switch, each of which asks and answers.
#define _GNU_SOURCE
#include "checks.h"
#include "guest.h"
#include "net.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { port = 7000, stream_size = 1024 * 1024, patience = 120 /* s */, pings = 5 };

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

void check_peer(const char* peer) {
    int answers = begin_to_answer(answer, open_listener(port));
    errno = 0;
    if (ping(peer, pings, patience) != pings)
        fail("ping");
    int connection = connect_to(peer, port);
    send_stream(connection, stream_size);
    receive_stream(connection, stream_size);
    close(connection);
    end_of_answer(answers);
    say("@guest served net=ok tcp-bytes=%d pings=%d\n", 4 * stream_size, pings);
}
