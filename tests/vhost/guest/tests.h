// SPDX-License-Identifier: Apache-2.0
// What the test guest can do, beside what it shares with partitions/images/guest.
#pragma once

/// Every kind of request on /dev/vda, read back.
void test_disk(void);
/// Writes from several processes until a line comes on the console, then reads everything back.
void test_writes(void);
/// Bytes from /dev/hwrng.
void test_random(void);
/// Talks UDP with another guest; `role` is "ping" or "pong".
void test_net(const char* role);
