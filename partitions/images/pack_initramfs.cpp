// SPDX-License-Identifier: Apache-2.0
// Packs an initramfs without root and always the same: pack_initramfs LIST OUTPUT [NAME=FILE]...
//
// The archive is cpio's "newc" format (Documentation/driver-api/early-userspace/
// buffer-format.rst in Linux): owner 0, no times. LIST has one entry a line, with octal modes:
//     dir PATH MODE
//     char PATH MODE MAJOR MINOR
//     link PATH TARGET
//     file PATH MODE NAME          contents from the FILE that NAME stands for; NAME/REST is a file
//                                  below that folder
//     program PATH MODE NAME       the same, and the shared objects that it loads
// The folders that something is in need no entry.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace {

class Archive {
  public:
    [[nodiscard]] bool has(const std::string& path) const { return paths_.contains(path); }

    void add(const std::string& path, unsigned mode, const std::string& contents = {},
             unsigned major = 0, unsigned minor = 0) {
        if (auto slash = path.rfind('/'); slash != std::string::npos)
            if (std::string folder = path.substr(0, slash); !has(folder))
                add(folder, S_IFDIR | 0755);
        paths_.insert(path);
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
    std::set<std::string> paths_;
    std::size_t inode_ = 1;
};

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw std::runtime_error("cannot read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

using Files = std::map<std::string, std::string>;

std::string path_of(const std::string& name, const Files& files) {
    auto slash = std::min(name.find('/'), name.size());
    auto file = files.find(name.substr(0, slash));
    if (file == files.end())
        throw std::runtime_error("nothing is given for " + name);
    return file->second + name.substr(slash);
}

// What the dynamic linker would load, "libc.so.6 => /lib/libc.so.6 (0x…)" or the linker itself,
// "/lib64/ld-linux-x86-64.so.2 (0x…)", at the same paths.
void add_shared_objects(Archive& archive, const std::string& program) {
    FILE* lines = popen(("ldd '" + program + "'").c_str(), "r");
    if (lines == nullptr)
        throw std::runtime_error("cannot run ldd");
    char line[1024];
    while (std::fgets(line, sizeof line, lines) != nullptr) {
        std::string text = line;
        auto begin = text.find('/');
        if (begin == std::string::npos)
            continue; // the kernel's own
        std::string path = text.substr(begin, text.find(' ', begin) - begin);
        if (!archive.has(path.substr(1)))
            archive.add(path.substr(1), S_IFREG | 0755, read_file(path));
    }
    if (pclose(lines) != 0)
        throw std::runtime_error("ldd fails for " + program);
}

void add_entry(Archive& archive, const std::string& line, const Files& files) {
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
        archive.add(path, S_IFREG | mode, read_file(path_of(text, files)));
    else if (kind == "program" && words >> std::oct >> mode >> text) {
        archive.add(path, S_IFREG | mode, read_file(path_of(text, files)));
        add_shared_objects(archive, path_of(text, files));
    } else
        throw std::runtime_error("no such entry: " + line);
}

void pack(const std::string& list, const std::string& output, const Files& files) {
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
    Files files;
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
