// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A control partition's life: the disk of cloison.srv= at /srv, the I/O server, which is started
/// again when it ends, and a shell on the console. Does not return.
__attribute__((noreturn)) void serve(void);
/// A shell on the console, in a process of its own; its number, -1 where there is none.
int start_shell(void);
