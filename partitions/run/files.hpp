// SPDX-License-Identifier: Apache-2.0
// Whole files, and the folder in which one run keeps its own.
#pragma once

#include "firmware/abi/types.hpp"

#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace cloison::run {

/// The file's bytes. Throws RunError.
std::vector<u8> read_file(const std::filesystem::path& path);

/// Throws RunError.
void write_file(const std::filesystem::path& path, std::span<const u8> bytes);
void write_file(const std::filesystem::path& path, std::string_view text);

/// The folder of one run: the caller's, or a fresh temporary one that goes away with this object
/// unless it is kept.
class RunFolder {
  public:
    /// `wanted` empty: a temporary folder. Throws RunError.
    explicit RunFolder(const std::filesystem::path& wanted);
    ~RunFolder();
    RunFolder(const RunFolder&) = delete;
    RunFolder& operator=(const RunFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] bool kept() const { return !temporary_; }
    void keep() { temporary_ = false; }

  private:
    std::filesystem::path path_;
    bool temporary_ = false;
};

} // namespace cloison::run
