// SPDX-License-Identifier: Apache-2.0
// Several network ports of one guest: raw frames, since a guest talks to its own addresses without
// any port.
#define _GNU_SOURCE
#include "checks.h"
#include "guest.h"
#include "net.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { most_ports = 16, frame_size = 1000, frames = 16 };

struct Port {
    int socket;
    unsigned char address[ETH_ALEN];
};

static struct Port open_port(unsigned number) {
    struct Port port;
    struct ifreq about = {0};
    snprintf(about.ifr_name, sizeof about.ifr_name, "eth%u", number);
    bring_up(about.ifr_name);
    port.socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_802_EX1));
    if (port.socket < 0 || ioctl(port.socket, SIOCGIFHWADDR, &about) != 0)
        fail("port");
    memcpy(port.address, about.ifr_hwaddr.sa_data, ETH_ALEN);
    struct sockaddr_ll bound = {.sll_family = AF_PACKET,
                                .sll_protocol = htons(ETH_P_802_EX1),
                                .sll_ifindex = (int)if_nametoindex(about.ifr_name)};
    struct timeval patience = {.tv_sec = 1};
    if (bind(port.socket, (struct sockaddr*)&bound, sizeof bound) != 0 ||
        setsockopt(port.socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
        fail("bind");
    return port;
}

static void make_frame(unsigned char* frame, const struct Port* from, const struct Port* to,
                       unsigned number) {
    struct ethhdr header = {.h_proto = htons(ETH_P_802_EX1)};
    memcpy(header.h_dest, to->address, ETH_ALEN);
    memcpy(header.h_source, from->address, ETH_ALEN);
    memcpy(frame, &header, sizeof header);
    for (unsigned i = sizeof header; i < frame_size; ++i)
        frame[i] = (unsigned char)(i * 7 + number * 13);
}

// Sent again each second: a link takes its time to come up.
static void pass_frame(const struct Port* from, const struct Port* to, unsigned number) {
    unsigned char frame[frame_size], got[2 * frame_size];
    make_frame(frame, from, to, number);
    for (int tries = 0; tries < 60; ++tries) {
        if (send(from->socket, frame, frame_size, 0) != frame_size && errno != ENETDOWN)
            fail("send");
        for (ssize_t size; (size = recv(to->socket, got, sizeof got, 0)) >= 0;)
            if (size == frame_size && memcmp(got, frame, frame_size) == 0)
                return;
    }
    errno = 0;
    fail("frame");
}

void check_ports(unsigned count) {
    struct Port ports[most_ports];
    errno = 0;
    if (count > most_ports)
        fail("ports");
    for (unsigned i = 0; i < count; ++i)
        ports[i] = open_port(i);
    for (unsigned number = 0; number < frames; ++number)
        for (unsigned i = 0; i < count; ++i)
            pass_frame(&ports[i], &ports[(i + 1) % count], number);
    for (unsigned i = 0; i < count; ++i)
        close(ports[i].socket);
    say("@guest served ports=ok ports=%u frames=%u\n", count, count * frames);
}
