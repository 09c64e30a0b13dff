// SPDX-License-Identifier: Apache-2.0
// The kernel's modules, without modprobe and its tables: each says itself what it depends on, in
// the text "depends=a,b" of its section .modinfo.
#define _GNU_SOURCE
#include "guest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/module.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { names_size = 4096 };

static char loaded[names_size] = " "; // their names, a blank around each

static void load(const char* name);

static void load_all_of(const char* file, size_t size) {
    static const char key[] = "\0depends="; // texts end in NULs
    const char* found = memmem(file, size, key, sizeof key - 1);
    if (found == NULL)
        return;
    char names[512];
    snprintf(names, sizeof names, "%s", found + sizeof key - 1);
    char* rest = NULL;
    for (char* name = strtok_r(names, ",", &rest); name != NULL; name = strtok_r(NULL, ",", &rest))
        load(name);
}

static void load(const char* name) {
    char word[64], path[128];
    snprintf(word, sizeof word, " %s ", name);
    if (strstr(loaded, word) != NULL)
        return;
    strncat(loaded, word + 1, sizeof loaded - strlen(loaded) - 1);

    snprintf(path, sizeof path, "/modules/%s.ko", name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0)
        fail(path);
    size_t size = (size_t)status.st_size;
    void* text = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (text == MAP_FAILED)
        fail(path);
    load_all_of(text, size);
    munmap(text, size);
    // A module whose version need not match is one whose signature is not looked at. Nothing
    // enforces signatures here, and to hash the modules would be a quarter of a boot on an emulator
    // (docs/decisions/0022-module-signatures.md).
    if (syscall(SYS_finit_module, file, "", MODULE_INIT_IGNORE_VERMAGIC) != 0 && errno != EEXIST)
        fail(path);
    close(file);
}

static int is_module(const struct dirent* entry) {
    const char* end = strrchr(entry->d_name, '.');
    return end != NULL && strcmp(end, ".ko") == 0;
}

void load_modules(void) {
    struct dirent** entries = NULL;
    // By name, so that every boot does the same.
    int count = scandir("/modules", &entries, is_module, alphasort);
    for (int i = 0; i < count; ++i) {
        *strrchr(entries[i]->d_name, '.') = 0;
        load(entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}
