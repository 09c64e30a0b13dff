// SPDX-License-Identifier: Apache-2.0
// What Zydis makes of an instruction, compared with what the decoder does.
#pragma once

#include "firmware/core/decode/decoder.hpp"

#include <Zydis/Zydis.h>

namespace cloison::core {

struct Reference {
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    ZyanStatus status;
};

/// Decodes with Zydis.
class Zydis {
  public:
    explicit Zydis(CodeSize code) {
        static constexpr ZydisMachineMode modes[] = {
            ZYDIS_MACHINE_MODE_LEGACY_16, ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_MACHINE_MODE_LONG_64};
        static constexpr ZydisStackWidth widths[] = {ZYDIS_STACK_WIDTH_16, ZYDIS_STACK_WIDTH_32,
                                                     ZYDIS_STACK_WIDTH_64};
        auto i = static_cast<u32>(code);
        ZydisDecoderInit(&decoder_, modes[i], widths[i]);
    }

    void decode(std::span<const u8> bytes, Reference& to) const {
        to.status = ZydisDecoderDecodeFull(&decoder_, bytes.data(), bytes.size(), &to.instruction,
                                           to.operands);
    }

  private:
    ZydisDecoder decoder_;
};

/// What differs, or null.
const char* compare(const Instruction& ours, const Reference& theirs);

/// True for what the decoder should accept, going by Zydis alone.
bool supported(const Reference& theirs);

} // namespace cloison::core
