// SPDX-License-Identifier: Apache-2.0
// Two guests on one virtual switch: one asks, one answers, in datagrams and over a TCP connection,
// whose segments use the checksum and segmentation offloads.
#define _GNU_SOURCE
#include "guest.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { port = 7000, datagrams = 20, stream_size = 4 * 1024 * 1024 };

static struct sockaddr_in address_of(const char* text) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, text, &address.sin_addr);
    return address;
}

static void bring_up(const char* text) {
    int control = socket(AF_INET, SOCK_DGRAM, 0);
    struct ifreq request = {.ifr_name = "eth0"};
    struct sockaddr_in address = address_of(text);
    memcpy(&request.ifr_addr, &address, sizeof address);
    if (ioctl(control, SIOCSIFADDR, &request) != 0)
        fail("address");
    address = address_of("255.255.255.0");
    memcpy(&request.ifr_netmask, &address, sizeof address);
    if (ioctl(control, SIOCSIFNETMASK, &request) != 0)
        fail("netmask");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (ioctl(control, SIOCSIFFLAGS, &request) != 0)
        fail("up");
    close(control);
}

static unsigned char stream_byte(unsigned at) {
    return (unsigned char)(at * 2654435761u >> 24);
}

static unsigned char chunk[65536];

static void send_stream(int connection) {
    for (unsigned at = 0; at < stream_size; at += sizeof chunk) {
        for (unsigned i = 0; i < sizeof chunk; ++i)
            chunk[i] = stream_byte(at + i);
        if (send(connection, chunk, sizeof chunk, 0) != sizeof chunk)
            fail("send");
    }
    shutdown(connection, SHUT_WR);
}

static void receive_stream(int connection) {
    unsigned at = 0;
    for (ssize_t length; (length = recv(connection, chunk, sizeof chunk, 0)) > 0;
         at += (unsigned)length)
        for (unsigned i = 0; i < (unsigned)length; ++i)
            if (chunk[i] != stream_byte(at + i))
                fail("stream");
    errno = 0;
    if (at != stream_size)
        fail("stream-end");
}

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
    struct sockaddr_in here = address_of(own), peer = address_of("10.0.0.2");
    bring_up(own);
    int udp = socket(AF_INET, SOCK_DGRAM, 0), tcp = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(udp, (struct sockaddr*)&here, sizeof here) != 0)
        fail("bind");
    if (asks) {
        ask(udp, &peer);
        say("@guest datagrams count=%d\n", datagrams);
        if (connect(tcp, (struct sockaddr*)&peer, sizeof peer) != 0)
            fail("connect");
        send_stream(tcp);
        receive_stream(tcp);
    } else {
        if (bind(tcp, (struct sockaddr*)&here, sizeof here) != 0 || listen(tcp, 1) != 0)
            fail("listen");
        answer(udp);
        int connection = accept(tcp, NULL, NULL);
        receive_stream(connection);
        send_stream(connection);
        shutdown(connection, SHUT_RDWR);
    }
    say("@guest streams bytes=%d\n", stream_size);
    sleep(1); // the last segments have to be acknowledged before the interface goes
}
