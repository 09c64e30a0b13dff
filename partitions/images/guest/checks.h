// SPDX-License-Identifier: Apache-2.0
// What a guest tries of the devices that it is served. Each says "@guest served NAME=ok …", or
// ends in fail().
#pragma once

/// Makes an ext4 file system on each of the first `count` virtio disks, writes a file, and reads it
/// back from the disk.
void check_disks(unsigned count);
/// Sends frames from each of the first `count` network ports to the next one's address.
void check_ports(unsigned count);
/// Gives eth0 an address, "10.0.2.11/24", and sets it going.
void set_address(const char* address);
/// Waits until the address answers pings.
void check_gateway(const char* gateway);
/// Pings the other guest, and sends it a stream by TCP that it sends back; answers the same.
void check_peer(const char* peer);
/// Says how long round trips and a stream by TCP take: to itself, and to the guest at the address,
/// which answer_measurements().
void measure_network(const char* peer);
void answer_measurements(unsigned count);
/// Has so many processes take turns, each with registers of its own in AVX's halves.
void check_registers(unsigned processes);
/// Writes to each of the first `count` virtio consoles.
void check_consoles(unsigned count);
