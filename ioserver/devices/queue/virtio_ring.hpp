// SPDX-License-Identifier: Apache-2.0
// linux/virtio_ring.h without its legacy helpers, which are no C++. Include it before whatever
// includes that header.
#pragma once

#define VIRTIO_RING_NO_LEGACY
#include <linux/virtio_ring.h>
