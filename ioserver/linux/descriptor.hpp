// SPDX-License-Identifier: Apache-2.0
// File descriptors and mappings that are closed with their owner.
#pragma once

#include "firmware/abi/types.hpp"

#include <span>
#include <string>
#include <utility>

namespace cloison::io {

class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor();
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }

  private:
    int fd_ = -1;
};

/// An eventfd(2), not blocking. Throws ServerError.
[[nodiscard]] Descriptor make_event();
/// Adds one to it; an event whose reader is behind by 2^64 - 2 stays as it is.
void signal_event(const Descriptor& event);
/// Sets it to 0.
void drain_event(const Descriptor& event);

/// Memory of `size` bytes for sharing, all zeroes. Throws ServerError.
[[nodiscard]] Descriptor make_shared_memory(const char* name, u64 size);

/// Part of a file as memory here, shared with whoever else has it mapped.
class Mapping {
  public:
    Mapping() = default;
    /// Throws ServerError, also where the file does not hold [offset, offset + size): to touch what
    /// is behind its end would kill this process.
    Mapping(const Descriptor& file, u64 offset, u64 size);
    ~Mapping();
    Mapping(Mapping&& other) noexcept
        : whole_(std::exchange(other.whole_, {})),
          bytes_(std::exchange(other.bytes_, {})) {}
    Mapping& operator=(Mapping&& other) noexcept {
        std::swap(whole_, other.whole_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;

    [[nodiscard]] std::span<u8> bytes() const { return bytes_; }

  private:
    std::span<u8> whole_; // in pages
    std::span<u8> bytes_;
};

} // namespace cloison::io
