// SPDX-License-Identifier: Apache-2.0
// Manifests from nowhere and sound ones with changes, always with a good CRC. What the verifier
// accepts, the oracle must find nothing wrong with; and its two builds, the hosted one and the
// firmware's, say the same of everything.
#include "firmware/abi/support.hpp"
#include "firmware/abi/verify.hpp"
#include "tests/fuzz/patches.hpp"
#include "tests/unit/abi/manifest_builder.hpp"
#include "tests/unit/abi/manifest_oracle.hpp"

#include <cstdio>
#include <cstdlib>

using namespace cloison;

extern "C" u32 freestanding_verdict(const u8* bytes, usize size, u32* first, u32* second);

namespace {

/// Gives raw bytes the header that they need to be looked at.
void make_plausible(std::vector<u8>& bytes) {
    if (bytes.size() < sizeof(abi::ManifestHeader))
        return;
    abi::ManifestHeader h;
    std::memcpy(&h, bytes.data(), sizeof h);
    h.magic = abi::manifest_magic;
    h.version = abi::manifest_version;
    h.size = static_cast<u32>(bytes.size());
    std::memcpy(bytes.data(), &h, sizeof h);
}

/// What `cloison check` says the firmware says too.
void require_same_verdict(const std::vector<u8>& bytes) {
    abi::Verdict verdict = abi::verify(bytes);
    if (verdict.ok())
        verdict = abi::check_support(*abi::open_manifest(bytes));
    u32 first = 0, second = 0;
    u32 rule = freestanding_verdict(bytes.data(), bytes.size(), &first, &second);
    if (rule == static_cast<u32>(verdict.rule) && first == verdict.first &&
        second == verdict.second)
        return;
    std::fprintf(stderr, "hosted %u, freestanding %u\n", static_cast<u32>(verdict.rule), rule);
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, usize size) {
    static const std::vector<u8> sound = abi::test::two_partitions().bytes();
    if (size == 0)
        return 0;
    std::vector<u8> bytes;
    std::span<const u8> input(data + 1, size - 1);
    if ((data[0] & 1) != 0) {
        bytes.assign(input.begin(), input.end());
        make_plausible(bytes);
    } else {
        bytes = sound;
        fuzz::apply_patches(bytes, input);
    }
    abi::test::ManifestBuilder::fix_crc(bytes);
    require_same_verdict(bytes);
    if (!abi::verify(bytes).ok())
        return 0;
    auto view = abi::open_manifest(bytes);
    std::string trouble = view ? abi::test::trouble(*view) : "accepted, yet cannot be opened";
    if (!trouble.empty()) {
        std::fprintf(stderr, "accepted: %s\n", trouble.c_str());
        std::abort();
    }
    return 0;
}
