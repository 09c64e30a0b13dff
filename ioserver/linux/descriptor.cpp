// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/descriptor.hpp"

#include "ioserver/linux/error.hpp"

#include <cerrno>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cloison::io {

Descriptor::~Descriptor() {
    if (fd_ >= 0)
        close(fd_);
}

Descriptor make_event() {
    Descriptor event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event)
        throw system_error("no eventfd", errno);
    return event;
}

void signal_event(const Descriptor& event) {
    u64 one = 1;
    static_cast<void>(!write(event.get(), &one, sizeof one));
}

void drain_event(const Descriptor& event) {
    u64 count = 0;
    static_cast<void>(!read(event.get(), &count, sizeof count));
}

Descriptor make_shared_memory(const char* name, u64 size) {
    Descriptor memory(memfd_create(name, MFD_CLOEXEC));
    if (!memory || ftruncate(memory.get(), static_cast<off_t>(size)) != 0)
        throw system_error("no memory to share", errno);
    return memory;
}

Mapping::Mapping(const Descriptor& file, u64 offset, u64 size) {
    struct stat state {};
    if (fstat(file.get(), &state) != 0)
        throw system_error("a file to be mapped is none", errno);
    Extent all{0, static_cast<u64>(state.st_size)}, wanted{offset, size};
    if (wanted.empty() || !wanted.sane() || !all.contains(wanted))
        throw ServerError("a file to be mapped is too short");
    u64 begin = round_down(offset, page_size);
    usize length = size + (offset - begin);
    void* at = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file.get(),
                    static_cast<off_t>(begin));
    if (at == MAP_FAILED)
        throw system_error("a file cannot be mapped", errno);
    whole_ = {static_cast<u8*>(at), length};
    bytes_ = whole_.subspan(offset - begin);
}

Mapping::~Mapping() {
    if (!whole_.empty())
        munmap(whole_.data(), whole_.size());
}

} // namespace cloison::io
