// SPDX-License-Identifier: Apache-2.0
#include "partitions/describe/tree.hpp"

#include "partitions/describe/error.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cloison::describe {

namespace fs = std::filesystem;

namespace {

/// Closes a file descriptor at the end of its scope.
struct Descriptor {
    int fd;
    explicit Descriptor(int opened) : fd(opened) {}
    ~Descriptor() {
        if (fd >= 0)
            close(fd);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
};

/// "cpu9" before "cpu10": shorter runs of digits are smaller numbers.
bool by_number(const std::string& a, const std::string& b) {
    auto digits = [](const std::string& text, usize at) {
        usize end = at;
        while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0)
            ++end;
        return end - at;
    };
    for (usize i = 0; i < a.size() && i < b.size(); ++i) {
        usize in_a = digits(a, i), in_b = digits(b, i);
        if (in_a != in_b && in_a != 0 && in_b != 0)
            return in_a < in_b;
        if (a[i] != b[i])
            return a[i] < b[i];
    }
    return a.size() < b.size();
}

} // namespace

Tree::Tree(fs::path root) : root_(std::move(root)) {
    std::error_code error;
    if (!fs::is_directory(root_, error))
        throw DescribeError(root_.string() + ": there is no such folder");
}

fs::path Tree::at(const std::string& path) const {
    return root_ / path.substr(1);
}

std::string Tree::name(const std::string& path) const {
    return at(path).string();
}

std::optional<std::string> Tree::read(const std::string& path) const {
    // A FIFO would keep us waiting for its writer.
    Descriptor file(open(at(path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat info {};
    if (file.fd < 0 || fstat(file.fd, &info) != 0)
        return std::nullopt;
    if (!S_ISREG(info.st_mode))
        throw DescribeError(name(path) + ": is not a regular file");
    std::string text; // files of the kernel show a size of 0 or 4096, whatever they hold
    std::array<char, 16 * kib> buffer{};
    for (;;) {
        ssize_t size = ::read(file.fd, buffer.data(), buffer.size());
        if (size < 0)
            return std::nullopt; // some attributes exist and have no value
        if (size == 0)
            return text;
        if (text.size() + static_cast<usize>(size) > most_bytes)
            throw DescribeError(name(path) + ": has more than 16 MiB");
        text.append(buffer.data(), static_cast<usize>(size));
    }
}

std::vector<std::string> Tree::list(const std::string& path) const {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(at(path), error), end; !error && entry != end;
         entry.increment(error)) {
        if (names.size() == most_entries)
            throw DescribeError(name(path) + ": has more than " + std::to_string(most_entries) +
                                " entries");
        names.push_back(entry->path().filename().string());
    }
    std::sort(names.begin(), names.end(), by_number);
    return names;
}

bool Tree::has(const std::string& path) const {
    std::error_code error;
    return fs::exists(fs::symlink_status(at(path), error));
}

std::string Tree::link_name(const std::string& path) const {
    std::error_code error;
    return fs::read_symlink(at(path), error).filename().string();
}

} // namespace cloison::describe
