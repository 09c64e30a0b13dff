// SPDX-License-Identifier: Apache-2.0
// Packs an initramfs without root and always the same: pack_initramfs LIST OUTPUT [NAME=FILE]...
//
// The archive is cpio's "newc" format (Documentation/driver-api/early-userspace/
// buffer-format.rst in Linux): owner 0, no times. LIST has one entry a line, with octal modes:
//     dir PATH MODE
//     char PATH MODE MAJOR MINOR
//     link PATH TARGET
//     file PATH MODE NAME          contents from the FILE that NAME stands for
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace {

class Archive {
  public:
    void add(const std::string& path, unsigned mode, const std::string& contents = {},
             unsigned major = 0, unsigned minor = 0) {
        header(path, mode, contents.size(), major, minor);
        text_ += path;
        text_ += '\0';
        pad();
        text_ += contents;
        pad();
    }

    [[nodiscard]] std::string finish() {
        inode_ = 0;
        add("TRAILER!!!", 0);
        return text_;
    }

  private:
    void header(const std::string& path, unsigned mode, std::size_t size, unsigned major,
                unsigned minor) {
        char field[16];
        const std::size_t values[] = {
            inode_++, mode, 0 /* uid */,    0 /* gid */, 1 /* links */, 0 /* time */,
            size,     0,    0 /* device */, major,       minor,         path.size() + 1,
            0 /* checksum */};
        text_ += "070701";
        for (std::size_t value : values) {
            std::snprintf(field, sizeof field, "%08zX", value);
            text_ += field;
        }
    }

    void pad() { text_.resize((text_.size() + 3) & ~std::size_t{3}); }

    std::string text_;
    std::size_t inode_ = 1;
};

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw std::runtime_error("cannot read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void add_entry(Archive& archive, const std::string& line,
               const std::map<std::string, std::string>& files) {
    std::istringstream words(line);
    std::string kind, path;
    words >> kind >> path;
    if (kind.empty() || kind[0] == '#')
        return;
    path.erase(0, path.find_first_not_of('/'));
    unsigned mode = 0, major = 0, minor = 0;
    std::string text;
    if (kind == "dir" && words >> std::oct >> mode)
        archive.add(path, S_IFDIR | mode);
    else if (kind == "char" && words >> std::oct >> mode >> std::dec >> major >> minor)
        archive.add(path, S_IFCHR | mode, {}, major, minor);
    else if (kind == "link" && words >> text)
        archive.add(path, S_IFLNK | 0777, text);
    else if (kind == "file" && words >> std::oct >> mode >> text)
        archive.add(path, S_IFREG | mode, read_file(files.at(text)));
    else
        throw std::runtime_error("no such entry: " + line);
}

void pack(const std::string& list, const std::string& output,
          const std::map<std::string, std::string>& files) {
    std::ifstream lines(list);
    if (!lines)
        throw std::runtime_error("cannot read " + list);
    Archive archive;
    for (std::string line; std::getline(lines, line);)
        add_entry(archive, line, files);
    std::ofstream out(output, std::ios::binary);
    if (!(out << archive.finish() << std::flush))
        throw std::runtime_error("cannot write " + output);
}

} // namespace

int main(int argc, char** argv) try {
    if (argc < 3)
        throw std::runtime_error("usage: pack_initramfs LIST OUTPUT [NAME=FILE]...");
    std::map<std::string, std::string> files;
    for (int i = 3; i < argc; ++i) {
        std::string word = argv[i];
        auto equals = word.find('=');
        if (equals == std::string::npos)
            throw std::runtime_error("not NAME=FILE: " + word);
        files[word.substr(0, equals)] = word.substr(equals + 1);
    }
    pack(argv[1], argv[2], files);
} catch (const std::exception& error) {
    std::cerr << "pack_initramfs: " << error.what() << '\n';
    return 1;
}
