// SPDX-License-Identifier: Apache-2.0
// A stream of bytes whose every byte is known to both ends. It is long enough for segments that use
// the checksum and segmentation offloads.
#include "guest.h"
#include "net.h"

#include <errno.h>
#include <sys/socket.h>

static unsigned char stream_byte(unsigned at) {
    return (unsigned char)(at * 2654435761u >> 24);
}

static unsigned char chunk[65536];

void send_stream(int connection, unsigned size) {
    for (unsigned at = 0; at < size; at += sizeof chunk) {
        for (unsigned i = 0; i < sizeof chunk; ++i)
            chunk[i] = stream_byte(at + i);
        if (send(connection, chunk, sizeof chunk, MSG_NOSIGNAL) != sizeof chunk)
            fail("send");
    }
    shutdown(connection, SHUT_WR);
}

void receive_stream(int connection, unsigned size) {
    unsigned at = 0;
    ssize_t length;
    for (; (length = recv(connection, chunk, sizeof chunk, 0)) > 0; at += (unsigned)length)
        for (unsigned i = 0; i < (unsigned)length; ++i)
            if (chunk[i] != stream_byte(at + i))
                fail("stream");
    if (length < 0)
        fail("receive");
    errno = 0;
    if (at != size)
        fail("stream-end");
}
