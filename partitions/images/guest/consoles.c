// SPDX-License-Identifier: Apache-2.0
#include "checks.h"
#include "guest.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

void check_consoles(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
        char path[16], line[64];
        snprintf(path, sizeof path, "/dev/hvc%u", i);
        wait_for(path);
        int console = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
        if (console < 0)
            fail(path);
        int length = snprintf(line, sizeof line, "@guest console number=%u\r\n", i);
        if (write(console, line, (size_t)length) != length || tcdrain(console) != 0)
            fail("write");
        close(console);
    }
    say("@guest served consoles=ok consoles=%u\n", count);
}
