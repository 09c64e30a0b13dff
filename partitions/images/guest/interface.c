// SPDX-License-Identifier: Apache-2.0
// Network interfaces set going, their addresses, and who answers pings there.
#define _GNU_SOURCE
#include "checks.h"
#include "guest.h"
#include "net.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct sockaddr_in address_of(const char* text, uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    errno = 0;
    if (inet_pton(AF_INET, text, &address.sin_addr) != 1)
        fail(text);
    return address;
}

static void request(int control, unsigned long what, struct ifreq* about, const char* name) {
    if (ioctl(control, what, about) != 0)
        fail(name);
}

void bring_up(const char* interface) {
    int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq about = {0};
    snprintf(about.ifr_name, sizeof about.ifr_name, "%s", interface);
    request(control, SIOCGIFFLAGS, &about, interface);
    about.ifr_flags |= IFF_UP;
    request(control, SIOCSIFFLAGS, &about, "up");
    close(control);
}

void set_address(const char* address) {
    char text[64];
    snprintf(text, sizeof text, "%s", address);
    char* slash = strchr(text, '/');
    unsigned bits = slash != NULL ? (unsigned)strtoul(slash + 1, NULL, 10) : 24;
    if (slash != NULL)
        *slash = 0;
    int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq about = {.ifr_name = "eth0"};
    struct sockaddr_in value = address_of(text, 0);
    memcpy(&about.ifr_addr, &value, sizeof value);
    request(control, SIOCSIFADDR, &about, "address");
    value.sin_addr.s_addr = htonl(bits == 0 ? 0 : ~0u << (32 - bits));
    memcpy(&about.ifr_netmask, &value, sizeof value);
    request(control, SIOCSIFNETMASK, &about, "netmask");
    close(control);
    bring_up("eth0");
}

static uint16_t checksum(const void* data, size_t size) {
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < size; i += 2) {
        uint16_t word;
        memcpy(&word, (const char*)data + i, sizeof word);
        sum += word;
    }
    while (sum >> 16 != 0)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint16_t)~sum;
}

// Whether an answer to echo request `number` comes within a second.
static int is_answered(int raw, uint16_t number) {
    unsigned char packet[256];
    for (ssize_t size; (size = recv(raw, packet, sizeof packet, 0)) >= 0;) {
        size_t header = (size_t)(packet[0] & 0xF) * 4;
        struct icmphdr answer;
        if ((size_t)size < header + sizeof answer)
            continue;
        memcpy(&answer, packet + header, sizeof answer);
        if (answer.type == ICMP_ECHOREPLY && answer.un.echo.id == htons((uint16_t)getpid()) &&
            answer.un.echo.sequence == htons(number))
            return 1;
    }
    return 0;
}

unsigned ping(const char* text, unsigned wanted, unsigned tries) {
    struct sockaddr_in peer = address_of(text, 0);
    int raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
    struct timeval patience = {.tv_sec = 1};
    if (raw < 0 || setsockopt(raw, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
        fail("icmp");
    unsigned answered = 0;
    for (unsigned i = 0; i < tries && answered < wanted; ++i) {
        struct icmphdr echo = {.type = ICMP_ECHO};
        echo.un.echo.id = htons((uint16_t)getpid());
        echo.un.echo.sequence = htons((uint16_t)i);
        echo.checksum = checksum(&echo, sizeof echo);
        sendto(raw, &echo, sizeof echo, 0, (struct sockaddr*)&peer, sizeof peer);
        answered += (unsigned)is_answered(raw, (uint16_t)i);
    }
    close(raw);
    return answered;
}

void check_gateway(const char* gateway) {
    enum { wanted = 3, tries = 60 };
    errno = 0;
    if (ping(gateway, wanted, tries) != wanted)
        fail("ping");
    say("@guest served gateway=ok pings=%d\n", wanted);
}
