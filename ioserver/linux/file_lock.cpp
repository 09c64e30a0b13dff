// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/file_lock.hpp"

#include "ioserver/linux/error.hpp"

#include <cerrno>
#include <chrono>
#include <sys/file.h>
#include <thread>

namespace cloison::io {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 10s;

} // namespace

void lock_file(const Descriptor& file, bool shared, const std::string& name) {
    auto give_up = std::chrono::steady_clock::now() + patience;
    while (flock(file.get(), (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK || std::chrono::steady_clock::now() > give_up)
            throw ServerError(name + ": in use by another process");
        std::this_thread::sleep_for(10ms);
    }
}

} // namespace cloison::io
