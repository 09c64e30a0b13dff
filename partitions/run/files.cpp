// SPDX-License-Identifier: Apache-2.0
#include "partitions/run/files.hpp"

#include "partitions/run/error.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace cloison::run {

namespace fs = std::filesystem;

RunError system_error(const std::string& what) {
    return RunError(what + ": " + std::strerror(errno));
}

std::vector<u8> read_file(const fs::path& path) {
    std::error_code error;
    auto size = fs::file_size(path, error);
    if (error)
        throw RunError("cannot read " + path.string() + ": " + error.message());
    std::vector<u8> bytes(size);
    std::ifstream file(path, std::ios::binary);
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
    if (!file)
        throw RunError("cannot read " + path.string());
    return bytes;
}

void write_file(const fs::path& path, std::span<const u8> bytes) {
    write_file(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void write_file(const fs::path& path, std::string_view text) {
    std::ofstream file(path, std::ios::binary);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.flush())
        throw system_error("cannot write " + path.string());
}

RunFolder::RunFolder(const fs::path& wanted) : path_(wanted), temporary_(wanted.empty()) {
    std::error_code error;
    if (!temporary_) {
        fs::create_directories(path_, error);
        if (error)
            throw RunError("cannot make " + path_.string() + ": " + error.message());
        path_ = fs::absolute(path_);
        return;
    }
    std::string name = (fs::temp_directory_path(error) / "cloison-XXXXXX").string();
    if (error || mkdtemp(name.data()) == nullptr)
        throw system_error("cannot make a temporary folder");
    path_ = name;
}

RunFolder::~RunFolder() {
    std::error_code ignored; // nobody is left to tell
    if (temporary_)
        fs::remove_all(path_, ignored);
}

} // namespace cloison::run
