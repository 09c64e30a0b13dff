// SPDX-License-Identifier: Apache-2.0
// Digests of boot images, by libcrypto.
#include "partitions/plan/digest.hpp"
#include "partitions/plan/images.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <openssl/evp.h>

namespace cloison {

namespace {

struct ContextDeleter {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

} // namespace

std::string sha256_of(const std::filesystem::path& path) {
    std::unique_ptr<EVP_MD_CTX, ContextDeleter> context(EVP_MD_CTX_new());
    std::ifstream file(path, std::ios::binary);
    std::vector<char> buffer(mib);
    bool ok = context && file && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
    while (ok && file) {
        file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        ok = EVP_DigestUpdate(context.get(), buffer.data(), static_cast<usize>(file.gcount())) == 1;
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (!ok || EVP_DigestFinal_ex(context.get(), digest.data(), &size) != 1)
        return {};
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += "0123456789abcdef"[digest[i] >> 4];
        text += "0123456789abcdef"[digest[i] & 0xF];
    }
    return text;
}

void ImageTable::check_digest(u32 image, const std::string& sha256, const Location& where,
                              Diagnostics& findings) const {
    constexpr usize digits = 64; // others have been reported
    if (image == abi::no_image || sha256.size() != digits)
        return;
    std::string wanted = sha256;
    std::transform(wanted.begin(), wanted.end(), wanted.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::string found = sha256_of(images_[image].path);
    if (found != wanted)
        findings.error(where, "digest-mismatch",
                       images_[image].path.string() + " has the SHA-256 digest " + found,
                       "it is not the image that the layout was written for: correct one of them");
}

} // namespace cloison
