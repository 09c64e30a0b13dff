// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <stdint.h>

/// The address in `text`; fails where it is none.
struct sockaddr_in address_of(const char* text, uint16_t port);
/// Waits for connections to the port, and makes one; the other guest may still be booting, so it
/// tries for two minutes.
int open_listener(uint16_t port);
int connect_to(const char* address, uint16_t port);
/// Has another process answer at the listener; waits for its end, and fails where it failed.
int begin_to_answer(void (*answer)(int listener), int listener);
void end_of_answer(int process);
/// Sets the interface going.
void bring_up(const char* interface);
/// Sends echo requests, a second apart while they go unanswered, until `wanted` were answered or
/// `tries` sent; how many were answered.
unsigned ping(const char* address, unsigned wanted, unsigned tries);

/// Sends bytes by the rule that receive_stream knows, and closes this direction.
void send_stream(int connection, unsigned size);
/// Takes them to their end; fails where one is wrong or missing.
void receive_stream(int connection, unsigned size);
