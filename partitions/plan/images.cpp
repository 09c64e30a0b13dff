// SPDX-License-Identifier: Apache-2.0
#include "partitions/plan/images.hpp"
#include "firmware/abi/crc32.hpp"
#include "firmware/core/boot/kernel_image.hpp"
#include "partitions/xml/values.hpp"

#include <algorithm>
#include <fstream>

namespace cloison {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view guest_prefix = "guest:";
constexpr u64 largest_image = 4 * gib - 1; // boot loaders give modules 32-bit addresses

/// The bytes of a regular file; none, with a finding, when they cannot be had.
std::optional<std::vector<u8>> read_image(const fs::path& path, const Location& where,
                                          Diagnostics& findings) {
    std::error_code error;
    u64 size = fs::is_regular_file(path, error) ? fs::file_size(path, error) : 0;
    if (error || !fs::is_regular_file(path, error)) {
        findings.error(where, "image-unreadable", path.string() + " is not a file");
        return std::nullopt;
    }
    if (size == 0 || size > largest_image) {
        findings.error(where, "image-size",
                       path.string() + (size == 0 ? " is empty" : " is larger than 4 GiB"));
        return std::nullopt;
    }
    std::vector<u8> bytes(size);
    std::ifstream file(path, std::ios::binary);
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
    if (!file) {
        findings.error(where, "image-unreadable", path.string() + " cannot be read");
        return std::nullopt;
    }
    return bytes;
}

/// Judges a kernel by its header; none, with a finding, when it cannot be booted.
std::optional<KernelFacts> judge_kernel(const fs::path& path, std::span<const u8> bytes,
                                        const Location& where, Diagnostics& findings) {
    auto kernel = core::parse_kernel(bytes);
    if (kernel)
        return KernelFacts{kernel->shape, kernel->cmdline_max()};
    findings.error(where, "image-kind",
                   path.string() + ": " + core::kernel_error_text(kernel.error()),
                   "name a 64-bit Linux bzImage, for example /boot/vmlinuz-* of a distribution, or "
                   "the vmlinux in it");
    return std::nullopt;
}

bool same_contents(const fs::path& path, std::span<const u8> bytes) {
    std::ifstream file(path, std::ios::binary);
    return std::equal(std::istreambuf_iterator<char>(file), {}, bytes.begin(), bytes.end(),
                      [](char a, u8 b) { return static_cast<u8>(a) == b; });
}

} // namespace

std::optional<fs::path> ImageTable::resolve(const std::string& written, const Location& where,
                                            Diagnostics& findings) const {
    bool guest = written.starts_with(guest_prefix);
    fs::path path = guest ? written.substr(guest_prefix.size()) : written;
    bool strays = std::find(path.begin(), path.end(), "..") != path.end() || path.is_absolute();
    if (guest && (strays || path.empty())) {
        findings.error(where, "image-path", xml::quote(written) + " leaves the guests' folder",
                       "write guest:NAME/FILE, or an ordinary path without guest:");
        return std::nullopt;
    }
    path = ((guest ? share_ / "guests" : layout_folder_) / path).lexically_normal();
    std::error_code error;
    if (fs::exists(path, error))
        return path;
    findings.error(where, "image-missing", "there is no file " + path.string(),
                   guest ? "scripts/setup.sh fetches the guests"
                         : "image paths are relative to the layout's folder");
    return std::nullopt;
}

u32 ImageTable::add(const std::string& written, abi::ImageKind kind, const Location& where,
                    Diagnostics& findings) {
    auto path = resolve(written, where, findings);
    if (!path)
        return abi::no_image;
    std::error_code error;
    Key key{fs::canonical(*path, error), kind};
    auto known = numbers_.find(key);
    if (known != numbers_.end())
        return known->second;
    u32 number = read(*path, kind, where, findings);
    if (number != abi::no_image) // what is wrong with a file is said wherever it is named
        numbers_.emplace(key, number);
    return number;
}

u32 ImageTable::read(const fs::path& path, abi::ImageKind kind, const Location& where,
                     Diagnostics& findings) {
    auto bytes = read_image(path, where, findings);
    if (!bytes)
        return abi::no_image;
    if (kind == abi::ImageKind::linux_kernel && core::is_elf(*bytes))
        kind = abi::ImageKind::linux_elf;
    u32 crc = abi::crc32c(*bytes);
    for (u32 i = 0; i < images_.size(); ++i) {
        const ImageFile& image = images_[i];
        if (image.kind == kind && image.size == bytes->size() && image.crc32c == crc &&
            same_contents(image.path, *bytes))
            return i;
    }
    KernelFacts facts;
    if (kind == abi::ImageKind::linux_kernel || kind == abi::ImageKind::linux_elf) {
        auto judged = judge_kernel(path, *bytes, where, findings);
        if (!judged)
            return abi::no_image;
        facts = *judged;
    }
    images_.push_back({path, kind, bytes->size(), crc});
    kernels_.push_back(facts);
    return static_cast<u32>(images_.size() - 1);
}

} // namespace cloison
