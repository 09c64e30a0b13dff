// SPDX-License-Identifier: Apache-2.0
#include "ioserver/linux/adapter/manifest_source.hpp"

#include "firmware/abi/io_adapter.hpp"
#include "ioserver/linux/error.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

namespace cloison::io::adapter {

namespace {

using Bytes = std::vector<u8>;

std::string hexadecimal(u64 value) {
    std::array<char, 19> text{};
    std::snprintf(text.data(), text.size(), "0x%llx", static_cast<unsigned long long>(value));
    return text.data();
}

Bytes read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    Bytes bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (!file)
        throw ServerError(path + ": cannot be read");
    return bytes;
}

Bytes read_management(const Roots& roots) {
    auto found = find_functions(roots, abi::service_vendor, abi::management_device);
    if (found.size() != 1)
        throw ServerError("no management function on the PCI bus: is this a partition with role "
                          "control or io-server?");
    PciFunction management(roots, found.front());
    management.enable_memory();
    Mapping mapping = management.map_bar(abi::manifest_bar);
    std::span<const u8> bar = mapping.bytes();
    // Behind the manifest's last page the BAR shows nothing, and not every instruction can read
    // that.
    abi::ManifestHeader header{};
    std::memcpy(&header, bar.data(), sizeof header);
    auto size = std::clamp<usize>(header.size, sizeof header, bar.size());
    return {bar.begin(), bar.begin() + static_cast<std::ptrdiff_t>(size)};
}

} // namespace

Manifest::Manifest(const Roots& roots, const std::string& file) {
    Bytes bytes = file.empty() ? read_management(roots) : read_file(file);
    abi::ManifestHeader header{};
    if (bytes.size() >= sizeof header)
        std::memcpy(&header, bytes.data(), sizeof header);
    if (header.magic != abi::manifest_magic)
        throw ServerError("the manifest is none: it begins with " + hexadecimal(header.magic));
    if (header.version != abi::manifest_version)
        throw ServerError("the manifest is of version " + std::to_string(header.version) +
                          ", this server knows " + std::to_string(abi::manifest_version));
    if (header.size > bytes.size() || header.size > abi::max_manifest_size)
        throw ServerError("the manifest is cut off");
    words_.resize(round_up(header.size, sizeof(u64)) / sizeof(u64));
    std::memcpy(words_.data(), bytes.data(), header.size);
    std::span<const u8> copy(reinterpret_cast<const u8*>(words_.data()), header.size);
    auto view = abi::open_manifest(copy);
    if (!view || abi::manifest_crc(copy) != header.crc32)
        throw ServerError("the manifest is damaged");
    view_ = *view;
}

std::string Manifest::name_of(u32 partition) const {
    if (partition >= view_.partitions.size())
        throw ServerError("the manifest names a partition that is not in it");
    const char* name = view_.partitions[partition].name;
    return {name, strnlen(name, abi::name_size)};
}

std::string Manifest::text_of(const abi::Table& table) const {
    std::span<const u8> bytes = view_.bytes_of(table);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace cloison::io::adapter
