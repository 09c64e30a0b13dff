// SPDX-License-Identifier: Apache-2.0
// libxml2's judgement of files, which knows nothing of our parser.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace cloison::test {

/// The files of `folder` that xmllint finds valid by `schema`, by name. All of them are judged by
/// one process. Throws where there is no xmllint (libxml2-utils) or the schema is none.
std::set<std::string> valid_files(const std::filesystem::path& folder,
                                  const std::filesystem::path& schema);

/// A folder that is deleted with the object.
class TemporaryFolder {
  public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    /// Writes a file of this name and text.
    void write(const std::string& name, const std::string& text) const;

  private:
    std::filesystem::path path_;
};

} // namespace cloison::test
