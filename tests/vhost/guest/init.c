// SPDX-License-Identifier: Apache-2.0
// The first process of the guests that test the I/O server: loads the virtio drivers, does what
// cloison.test= on the command line says, reports in lines that begin with "@guest ", powers off.
#define _GNU_SOURCE
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

void say(const char* format, ...) {
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length > 0 && write(STDOUT_FILENO, line, (size_t)length) != length)
        _exit(1);
}

void fail(const char* what) {
    say("@guest failed what=%s error=%d\n", what, errno);
    reboot(RB_POWER_OFF);
    for (;;)
        pause();
}

// In the order of their dependencies.
static const char* const modules[] = {
    "virtio_ring", "virtio",    "virtio_pci_legacy_dev", "virtio_pci_modern_dev",
    "virtio_pci",  "failover",  "net_failover",          "virtio_net",
    "virtio_blk",  "virtio-rng"};

static void load_modules(void) {
    for (size_t i = 0; i < sizeof modules / sizeof *modules; ++i) {
        char path[128];
        snprintf(path, sizeof path, "/modules/%s.ko", modules[i]);
        int file = open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0 || (syscall(SYS_finit_module, file, "", 0) != 0 && errno != EEXIST))
            fail(modules[i]);
        close(file);
    }
}

static void find_option(const char* name, char* value, size_t size) {
    char words[1024] = "";
    FILE* file = fopen("/proc/cmdline", "r");
    if (file == NULL || fgets(words, sizeof words, file) == NULL)
        fail("cmdline");
    fclose(file);
    size_t length = strlen(name);
    for (char* word = strtok(words, " \n"); word != NULL; word = strtok(NULL, " \n"))
        if (strncmp(word, name, length) == 0 && word[length] == '=')
            snprintf(value, size, "%s", word + length + 1);
}

int main(void) {
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, NULL);
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
