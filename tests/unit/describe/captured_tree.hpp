// SPDX-License-Identifier: Apache-2.0
// A machine's /proc and /sys, written compactly in one file and unpacked into a temporary folder.
//
//   # a remark
//   let NAME = text                 $NAME stands for the text from then on
//   /path = value                   a file of one line
//   /path -> target                 a symbolic link; to "closed": a file that nobody may read
//   /path/                          an empty folder
//   /path {                         a file of several lines, up to a line "}"
//   /path bytes {                   a file of bytes in hexadecimal
//   /path table {                   the same behind the header of an ACPI table: its signature is
//                                   the file's name, its first byte the revision
#pragma once

#include <filesystem>
#include <string>

namespace cloison::test {

class CapturedTree {
  public:
    /// Unpacks trees/NAME.tree; throws std::runtime_error for what it does not understand. Without
    /// a name the tree is empty.
    explicit CapturedTree(const std::string& name = {});
    ~CapturedTree();
    CapturedTree(const CapturedTree&) = delete;
    CapturedTree& operator=(const CapturedTree&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    /// Changes one file; its folder is made.
    void write(const std::string& path, const std::string& text) const;
    void remove(const std::string& path) const;
    void link(const std::string& path, const std::string& target) const;
    /// The file's bytes.
    [[nodiscard]] std::string read(const std::string& path) const;

  private:
    std::filesystem::path path_;
};

/// Bytes written in hexadecimal, two digits each; white space between them and remarks behind '#'.
std::string bytes_of(const std::string& text);

/// An ACPI table with right length and checksum: `contents` is the revision and what is behind the
/// header.
std::string acpi_table(const std::string& signature, const std::string& contents);

/// The file `name` in this folder.
std::filesystem::path in_describe_tests(const std::string& name);

} // namespace cloison::test
