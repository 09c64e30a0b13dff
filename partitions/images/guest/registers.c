// SPDX-License-Identifier: Apache-2.0
// Registers over which processes take turns on a CPU: each must find its own again.
#define _GNU_SOURCE
#include "checks.h"
#include "guest.h"

#include <immintrin.h>
#include <sched.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

enum { most_processes = 16, turns = 256 };

// Half of each register is AVX's.
__attribute__((target("avx"))) static int keeps_registers(long long seed) {
    __m256i a = _mm256_set1_epi64x(seed), b = _mm256_set1_epi64x(~seed);
    for (int turn = 0; turn < turns; ++turn) {
        // A system call keeps them; that others run meanwhile must too.
        long result = 24; // sched_yield
        __asm__ volatile("syscall" : "+a"(result), "+x"(a), "+x"(b) : : "rcx", "r11", "memory");
        if (result != 0)
            return 0;
    }
    long long words[8];
    _mm256_storeu_si256((__m256i*)words, a);
    _mm256_storeu_si256((__m256i*)(words + 4), b);
    for (int i = 0; i < 4; ++i)
        if (words[i] != seed || words[4 + i] != ~seed)
            return 0;
    return 1;
}

void check_registers(unsigned processes) {
    if (!__builtin_cpu_supports("avx"))
        fail("avx");
    if (processes == 0 || processes > most_processes)
        fail("number");
    pid_t children[most_processes];
    for (unsigned i = 0; i < processes; ++i) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(keeps_registers(0x0123456789ABCDEF * (i + 1)) ? 0 : 1);
    }
    for (unsigned i = 0; i < processes; ++i) {
        int status = 0;
        if (children[i] < 0 || waitpid(children[i], &status, 0) != children[i] || status != 0)
            fail("lost");
    }
    say("@guest served registers=ok processes=%u\n", processes);
}
