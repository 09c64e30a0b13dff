// SPDX-License-Identifier: Apache-2.0
// Two guests on one virtual switch: one asks, one answers, in datagrams and over a TCP connection,
// whose segments use the checksum and segmentation offloads.
#define _GNU_SOURCE
#include "partitions/images/guest/net.h"
#include "partitions/images/guest/checks.h"
#include "partitions/images/guest/guest.h"
#include "tests.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { port = 7000, datagrams = 20, stream_size = 4 * 1024 * 1024 };

// Every datagram until it is answered: the other guest may still be booting.
static void ask(int udp, const struct sockaddr_in* peer) {
    struct timeval patience = {.tv_sec = 1};
    setsockopt(udp, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    for (unsigned i = 0; i < datagrams; ++i) {
        unsigned answer = ~i;
        do {
            sendto(udp, &i, sizeof i, 0, (const struct sockaddr*)peer, sizeof *peer);
        } while (recv(udp, &answer, sizeof answer, 0) != sizeof answer || answer != i);
    }
}

static void answer(int udp) {
    for (unsigned next = 0; next < datagrams;) {
        struct sockaddr_in from;
        socklen_t size = sizeof from;
        unsigned number;
        if (recvfrom(udp, &number, sizeof number, 0, (struct sockaddr*)&from, &size) !=
            sizeof number)
            fail("receive");
        sendto(udp, &number, sizeof number, 0, (struct sockaddr*)&from, size);
        next = number + 1;
    }
}

void test_net(const char* role) {
    int asks = strcmp(role, "ping") == 0;
    const char* own = asks ? "10.0.0.1" : "10.0.0.2";
    struct sockaddr_in here = address_of(own, port), peer = address_of("10.0.0.2", port);
    set_address(own);
    int udp = socket(AF_INET, SOCK_DGRAM, 0), tcp = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(udp, (struct sockaddr*)&here, sizeof here) != 0)
        fail("bind");
    if (asks) {
        ask(udp, &peer);
        say("@guest datagrams count=%d\n", datagrams);
        if (connect(tcp, (struct sockaddr*)&peer, sizeof peer) != 0)
            fail("connect");
        send_stream(tcp, stream_size);
        receive_stream(tcp, stream_size);
    } else {
        if (bind(tcp, (struct sockaddr*)&here, sizeof here) != 0 || listen(tcp, 1) != 0)
            fail("listen");
        answer(udp);
        int connection = accept(tcp, NULL, NULL);
        receive_stream(connection, stream_size);
        send_stream(connection, stream_size);
        shutdown(connection, SHUT_RDWR);
    }
    say("@guest streams bytes=%d\n", stream_size);
    sleep(1); // the last segments have to be acknowledged before the interface goes
}
