// SPDX-License-Identifier: Apache-2.0
// The files in which Linux shows a machine, below "/" or below a folder that they were copied to.
// Such a copy comes from anywhere, so nothing in it is believed: only regular files of a bounded
// size are read, only folders of a bounded size are listed.
#pragma once

#include "firmware/abi/types.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cloison::describe {

inline constexpr usize most_bytes = 16 * mib;   // of one file; /proc/cpuinfo has 1.5 KiB for a CPU
inline constexpr usize most_entries = 64 * kib; // of one folder

class Tree {
  public:
    /// Throws DescribeError when `root` is not a folder.
    explicit Tree(std::filesystem::path root);

    /// The bytes of the file; none when there is no such file or it may not be read. Throws
    /// DescribeError when it is larger than most_bytes, or not a regular file.
    [[nodiscard]] std::optional<std::string> read(const std::string& path) const;
    /// The names in a folder in ascending order of their numbers ("cpu9" before "cpu10"); empty
    /// when there is no such folder or it may not be read. Throws DescribeError when there are more
    /// than most_entries.
    [[nodiscard]] std::vector<std::string> list(const std::string& path) const;
    /// True when something is there, whether it may be read or not.
    [[nodiscard]] bool has(const std::string& path) const;
    /// The last name of what a symbolic link points to; empty when it is none.
    [[nodiscard]] std::string link_name(const std::string& path) const;
    /// How `path`, which begins with '/', is called in messages.
    [[nodiscard]] std::string name(const std::string& path) const;

  private:
    [[nodiscard]] std::filesystem::path at(const std::string& path) const;

    std::filesystem::path root_;
};

} // namespace cloison::describe
