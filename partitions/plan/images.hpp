// SPDX-License-Identifier: Apache-2.0
// The boot images that a layout names: found, read, judged, and each different one listed once.
#pragma once

#include "firmware/abi/placement.hpp"
#include "partitions/layout/layout.hpp"
#include "partitions/plan/plan.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace cloison {

/// What a kernel's own header says of it.
struct KernelFacts {
    abi::LinuxShape shape; // what it demands of its place in memory
    u32 cmdline_max = 0;   // bytes of the longest command line it takes
};

class ImageTable {
  public:
    /// Paths are relative to `layout_folder`; those that start with "guest:" to `share`/guests.
    ImageTable(std::filesystem::path layout_folder, std::filesystem::path share)
        : layout_folder_(std::move(layout_folder)),
          share_(std::move(share)) {}

    /// The number of the image that the layout calls `written` at `where`; abi::no_image, with a
    /// finding, when it cannot be used. Identical files have one number. As linux_kernel, ELF files
    /// are welcome too, and become linux_elf.
    u32 add(const std::string& written, abi::ImageKind kind, const Location& where,
            Diagnostics& findings);

    /// Whether the image has this SHA-256 digest, of 64 digits; says so where it has not. An empty
    /// digest, or no image, is no question.
    void check_digest(u32 image, const std::string& sha256, const Location& where,
                      Diagnostics& findings) const;

    [[nodiscard]] const std::vector<ImageFile>& images() const { return images_; }
    [[nodiscard]] const KernelFacts& kernel(u32 image) const { return kernels_[image]; }

  private:
    using Key = std::pair<std::filesystem::path, abi::ImageKind>;

    [[nodiscard]] std::optional<std::filesystem::path>
    resolve(const std::string& written, const Location& where, Diagnostics& findings) const;
    u32 read(const std::filesystem::path& path, abi::ImageKind kind, const Location& where,
             Diagnostics& findings);

    std::filesystem::path layout_folder_;
    std::filesystem::path share_;
    std::vector<ImageFile> images_;
    std::vector<KernelFacts> kernels_; // by image; means nothing for an initrd
    std::map<Key, u32> numbers_;
};

} // namespace cloison
