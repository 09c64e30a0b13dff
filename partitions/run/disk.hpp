// SPDX-License-Identifier: Apache-2.0
// The file behind the emulated machine's disk.
#pragma once

#include "firmware/abi/types.hpp"
#include "partitions/run/serial_line.hpp"

namespace cloison::run {

/// Nobody else has the disk while this lives.
class Disk {
  public:
    /// A machine without one.
    Disk() = default;
    /// The user's own, in file `kept`, made with `size` bytes where it is missing; or a new one in
    /// `folder` where `kept` is empty. Sparse: it takes what guests write. Throws RunError, for one
    /// where another run has it.
    Disk(const std::filesystem::path& folder, u64 size, const std::filesystem::path& kept);

    /// Absolute; empty without a disk.
    [[nodiscard]] const std::filesystem::path& image() const { return image_; }

  private:
    std::filesystem::path image_;
    Descriptor file_; // locked
};

} // namespace cloison::run
