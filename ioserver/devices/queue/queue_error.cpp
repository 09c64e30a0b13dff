// SPDX-License-Identifier: Apache-2.0
#include "ioserver/devices/queue/queue_error.hpp"

namespace cloison::io {

std::string_view describe(QueueError error) {
    switch (error) {
    case QueueError::none:
        return "nothing is wrong";
    case QueueError::size_invalid:
        return "the queue's size is not a power of two, or larger than this device serves";
    case QueueError::ring_unaligned:
        return "a part of the ring is not aligned";
    case QueueError::ring_outside_memory:
        return "a part of the ring is outside the guest's memory";
    case QueueError::record_invalid:
        return "the record of requests in flight is not one, or not this queue's";
    case QueueError::index_jump:
        return "the available index moved on by more than the queue's size";
    case QueueError::head_out_of_range:
        return "an available entry names a descriptor that is not in the table";
    case QueueError::head_in_flight:
        return "an available entry names a chain that the device has not given back yet";
    case QueueError::next_out_of_range:
        return "a descriptor goes on with one that is not in the table";
    case QueueError::chain_too_long:
        return "a chain is longer than the queue or what the device offers, or a loop";
    case QueueError::buffer_outside_memory:
        return "a buffer is outside the guest's memory";
    case QueueError::indirect_not_negotiated:
        return "an indirect descriptor without VIRTIO_F_INDIRECT_DESC";
    case QueueError::indirect_with_next:
        return "an indirect descriptor that goes on with another";
    case QueueError::indirect_nested:
        return "an indirect descriptor in an indirect table";
    case QueueError::indirect_size:
        return "an indirect table that is empty or ends inside a descriptor";
    case QueueError::readable_after_writable:
        return "a buffer to read behind one to write";
    case QueueError::buffer_too_large:
        return "the buffers of a chain hold 4 GiB or more";
    case QueueError::not_served:
        return "what this device stands for cannot be had";
    case QueueError::request_malformed:
        return "a request has no room for its header or its status";
    }
    return "unknown";
}

} // namespace cloison::io
