// SPDX-License-Identifier: Apache-2.0
// linux/virtio_net.h, which has a field that is called as a keyword of C++.
#pragma once

// What that header includes, under its own names.
#include <linux/if_ether.h>
#include <linux/types.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_types.h>

#define class class_of_command
#include <linux/virtio_net.h>
#undef class
