// SPDX-License-Identifier: Apache-2.0
// The first process of the guests that test the I/O server: loads the virtio drivers, does what
// cloison.test= on the command line says, reports in lines that begin with "@guest ", powers off.
#define _GNU_SOURCE
#include "partitions/images/guest/guest.h"
#include "tests.h"

#include <errno.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

void fail(const char* what) {
    say("@guest failed what=%s error=%d\n", what, errno);
    reboot(RB_POWER_OFF);
    for (;;)
        pause();
}

int main(void) {
    mount_file_systems();
    load_modules();
    char test[32] = "";
    find_option("cloison.test", test, sizeof test);
    if (strcmp(test, "disk") == 0)
        test_disk();
    else if (strcmp(test, "writes") == 0)
        test_writes();
    else if (strcmp(test, "random") == 0)
        test_random();
    else if (strncmp(test, "net-", 4) == 0)
        test_net(test + 4);
    else
        fail("cloison.test");
    say("@guest done\n");
    sync();
    reboot(RB_POWER_OFF);
    for (;;)
        pause();
}
