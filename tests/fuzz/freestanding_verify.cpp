// SPDX-License-Identifier: Apache-2.0
// The verifier as the firmware has it: freestanding, general registers only, unsanitized. Compiled
// with another name for the namespace, so that the linker does not take one build for the other.
#include "firmware/abi/support.hpp"
#include "firmware/abi/verify.hpp"

extern "C" cloison::u32 freestanding_verdict(const cloison::u8* bytes, cloison::usize size,
                                             cloison::u32* first, cloison::u32* second) {
    cloison::abi::Verdict verdict = cloison::abi::verify({bytes, size});
    if (verdict.ok())
        verdict = cloison::abi::check_support(*cloison::abi::open_manifest({bytes, size}));
    *first = verdict.first;
    *second = verdict.second;
    return static_cast<cloison::u32>(verdict.rule);
}
