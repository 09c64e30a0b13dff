// SPDX-License-Identifier: Apache-2.0
// What the parts of the test guest share.
#pragma once

/// A line on the console.
__attribute__((format(printf, 1, 2))) void say(const char* format, ...);
/// Reports `what` with errno and powers off.
__attribute__((noreturn)) void fail(const char* what);

/// Every kind of request on /dev/vda, read back.
void test_disk(void);
/// Writes from several processes until a line comes on the console, then reads everything back.
void test_writes(void);
/// Bytes from /dev/hwrng.
void test_random(void);
/// Talks UDP with another guest; `role` is "ping" or "pong".
void test_net(const char* role);
