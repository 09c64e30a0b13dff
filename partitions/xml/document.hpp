// SPDX-License-Identifier: Apache-2.0
// From a file to a tree whose every word is known.
#pragma once

#include "partitions/result/diagnostic.hpp"
#include "partitions/xml/reader.hpp"
#include "partitions/xml/source.hpp"
#include "partitions/xml/vocabulary.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tinyxml2 {
class XMLDocument;
}

namespace cloison::xml {

/// The whole text of a regular file of at most max_file_size; none when that cannot be had.
std::optional<std::string> read_file(const std::filesystem::path& file, Diagnostics& findings);

/// A parsed file: the tree and where its parts stand.
class Document {
  public:
    Document(std::unique_ptr<tinyxml2::XMLDocument> tree, Source source, const ElementRule& rule);
    Document(Document&&) noexcept;
    ~Document();

    /// The file's element, to be read.
    [[nodiscard]] Reader root(Diagnostics& findings) const;

  private:
    std::unique_ptr<tinyxml2::XMLDocument> tree_;
    Source source_;
    const ElementRule* rule_;
};

/// Parses `text`, called `name` in findings, and checks it against the vocabulary `root`. None only
/// when there is no tree with that root to look at; words that are wrong are reported, and the tree
/// is returned all the same so that the caller can judge the values in it.
std::optional<Document> parse(std::string_view text, const std::string& name,
                              const ElementRule& root, Diagnostics& findings);

} // namespace cloison::xml
