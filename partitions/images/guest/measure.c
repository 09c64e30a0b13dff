// SPDX-License-Identifier: Apache-2.0
// What the network between two guests takes: round trips of one byte, and a stream, by TCP. The
// same to itself, so that what the kernel takes alone can be told from the way between.
#define _GNU_SOURCE
#include "checks.h"
#include "guest.h"
#include "net.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

enum { port = 7001, warm_up = 32, round_trips = 256, stream_size = 8 * 1024 * 1024 };

static unsigned char chunk[65536];

static void turn(int connection) {
    if (send(connection, chunk, 1, MSG_NOSIGNAL) != 1 || recv(connection, chunk, 1, 0) != 1)
        fail("round-trip");
}

static uint64_t measure_round_trips(const char* address) {
    int connection = connect_to(address, port), yes = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    for (int i = 0; i < warm_up; ++i)
        turn(connection);
    uint64_t begin = read_tsc();
    for (int i = 0; i < round_trips; ++i)
        turn(connection);
    uint64_t ticks = read_tsc() - begin;
    close(connection);
    return ticks / round_trips;
}

// Until the other end has taken all of it, and says so.
static uint64_t measure_stream(const char* address) {
    int connection = connect_to(address, port);
    uint64_t begin = read_tsc();
    for (unsigned sent = 0; sent < stream_size; sent += sizeof chunk)
        if (send(connection, chunk, sizeof chunk, MSG_NOSIGNAL) != sizeof chunk)
            fail("send");
    shutdown(connection, SHUT_WR);
    uint32_t taken = 0;
    if (recv(connection, &taken, sizeof taken, MSG_WAITALL) != sizeof taken || taken != stream_size)
        fail("stream");
    uint64_t ticks = read_tsc() - begin;
    close(connection);
    return ticks;
}

static void answer(int listener) {
    int connection = accept(listener, NULL, NULL), yes = 1;
    if (connection < 0)
        fail("accept");
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    while (recv(connection, chunk, 1, 0) == 1)
        if (send(connection, chunk, 1, MSG_NOSIGNAL) != 1)
            fail("answer");
    close(connection);
    if ((connection = accept(listener, NULL, NULL)) < 0)
        fail("accept");
    uint32_t taken = 0;
    for (ssize_t length; (length = recv(connection, chunk, sizeof chunk, 0)) > 0;)
        taken += (uint32_t)length;
    if (send(connection, &taken, sizeof taken, MSG_NOSIGNAL) != sizeof taken)
        fail("answer");
    close(connection);
}

void answer_measurements(unsigned count) {
    int listener = open_listener(port);
    for (unsigned i = 0; i < count; ++i)
        answer(listener);
    say("@guest served answer=ok count=%u\n", count);
}

static void measure(const char* path, const char* address) {
    uint64_t round_trip = measure_round_trips(address);
    uint64_t stream = measure_stream(address);
    say("@guest measured path=%s round-trip-ticks=%llu stream-ticks=%llu stream-bytes=%d\n", path,
        (unsigned long long)round_trip, (unsigned long long)stream, stream_size);
}

void measure_network(const char* peer) {
    bring_up("lo");
    int answers = begin_to_answer(answer, open_listener(port));
    measure("itself", "127.0.0.1");
    end_of_answer(answers);
    measure("switch", peer);
    say("@guest served measure=ok\n");
}
