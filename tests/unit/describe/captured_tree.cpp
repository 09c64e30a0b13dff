// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/describe/captured_tree.hpp"

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>
#include <stdexcept>

namespace cloison::test {

namespace fs = std::filesystem;

namespace {

/// Reads one .tree file, line by line.
class Unpacker {
  public:
    Unpacker(std::istream& lines, const CapturedTree& tree) : lines_(lines), tree_(tree) {}

    void run() {
        for (std::string line; next(line);)
            if (!line.empty() && line[0] != '#')
                entry(line);
    }

  private:
    bool next(std::string& line) {
        if (!std::getline(lines_, line))
            return false;
        for (const auto& [name, text] : texts_)
            for (std::size_t at; (at = line.find("$" + name)) != std::string::npos;)
                line.replace(at, name.size() + 1, text);
        return true;
    }
    void entry(const std::string& line) {
        std::size_t space = line.find(' ');
        std::string path = line.substr(0, space);
        std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
        if (path == "let")
            texts_[rest.substr(0, rest.find(" = "))] = rest.substr(rest.find(" = ") + 3);
        else if (path.ends_with('/'))
            fs::create_directories(tree_.path() / path.substr(1));
        else if (rest.starts_with("= "))
            tree_.write(path, rest.substr(2) + "\n");
        else if (rest.starts_with("-> "))
            tree_.link(path, rest.substr(3));
        else if (rest == "{")
            tree_.write(path, block());
        else if (rest == "bytes {")
            tree_.write(path, bytes_of(block()));
        else if (rest == "table {")
            tree_.write(path, acpi_table(fs::path(path).filename(), bytes_of(block())));
        else
            throw std::runtime_error("not understood: " + line);
    }
    std::string block() {
        std::string text;
        for (std::string line; next(line) && line != "}";)
            text += line + "\n";
        return text;
    }

    std::istream& lines_;
    const CapturedTree& tree_;
    std::map<std::string, std::string> texts_;
};

} // namespace

std::string bytes_of(const std::string& text) {
    std::string bytes;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line.substr(0, line.find('#')));
        for (std::string word; words >> word;)
            for (std::size_t i = 0; i < word.size(); i += 2)
                bytes += static_cast<char>(std::stoul(word.substr(i, 2), nullptr, 16));
    }
    return bytes;
}

std::string acpi_table(const std::string& signature, const std::string& contents) {
    auto length = static_cast<std::uint32_t>(contents.size() - 1 + 36);
    std::string table = signature;
    for (int shift = 0; shift < 32; shift += 8)
        table += static_cast<char>(length >> shift);
    table += contents[0];
    table += '\0'; // the checksum's place
    table += "CLOISONTESTTREE " + std::string(10, '\0');
    table.resize(36);
    table += contents.substr(1);
    table[9] = static_cast<char>(-std::accumulate(table.begin(), table.end(), 0));
    return table;
}

fs::path in_describe_tests(const std::string& name) {
    return fs::path(CLOISON_DESCRIBE_TESTS) / name;
}

CapturedTree::CapturedTree(const std::string& name) {
    std::string folder = (fs::temp_directory_path() / "cloison-tree-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr)
        throw std::runtime_error("cannot make a temporary folder");
    path_ = folder;
    if (name.empty())
        return;
    std::ifstream file(in_describe_tests("trees/" + name + ".tree"));
    if (!file)
        throw std::runtime_error("there is no tree " + name);
    Unpacker(file, *this).run();
}

CapturedTree::~CapturedTree() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

void CapturedTree::write(const std::string& path, const std::string& text) const {
    fs::path file = path_ / path.substr(1);
    fs::create_directories(file.parent_path());
    fs::remove(file);
    std::ofstream(file, std::ios::binary) << text;
}

void CapturedTree::remove(const std::string& path) const {
    fs::remove_all(path_ / path.substr(1));
}

void CapturedTree::link(const std::string& path, const std::string& target) const {
    fs::path file = path_ / path.substr(1);
    fs::create_directories(file.parent_path());
    fs::remove(file);
    fs::create_symlink(target, file);
}

std::string CapturedTree::read(const std::string& path) const {
    std::ifstream file(path_ / path.substr(1), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace cloison::test
