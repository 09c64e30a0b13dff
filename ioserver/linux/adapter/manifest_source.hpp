// SPDX-License-Identifier: Apache-2.0
// The manifest as a server gets it: from the management function, or from a file.
#pragma once

#include "firmware/abi/manifest_view.hpp"
#include "ioserver/linux/adapter/pci_function.hpp"

#include <string>
#include <vector>

namespace cloison::io::adapter {

class Manifest {
  public:
    /// `file` empty: what the firmware shows. Throws ServerError where that is no sound manifest.
    Manifest(const Roots& roots, const std::string& file);
    Manifest(const Manifest&) = delete; // the view is of its bytes
    Manifest& operator=(const Manifest&) = delete;

    [[nodiscard]] const abi::ManifestView& view() const { return view_; }
    /// Name of a partition. Throws ServerError where there is none of that index.
    [[nodiscard]] std::string name_of(u32 partition) const;
    [[nodiscard]] std::string text_of(const abi::Table& table) const;

  private:
    std::vector<u64> words_; // aligned as tables are
    abi::ManifestView view_;
};

} // namespace cloison::io::adapter
