// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/decode/zydis_compare.hpp"

#include "tests/unit/decode/describe.hpp"

#include <algorithm>

namespace cloison::core {

namespace {

ZydisMnemonic string_mnemonic(ZydisMnemonic b, ZydisMnemonic w, ZydisMnemonic d, ZydisMnemonic q,
                              u8 size) {
    return size == 1 ? b : size == 2 ? w : size == 4 ? d : q;
}

bool same_operation(const Instruction& ours, ZydisMnemonic theirs) {
    static constexpr ZydisMnemonic mnemonics[] = {
        ZYDIS_MNEMONIC_ADD,  ZYDIS_MNEMONIC_OR,    ZYDIS_MNEMONIC_ADC,    ZYDIS_MNEMONIC_SBB,
        ZYDIS_MNEMONIC_AND,  ZYDIS_MNEMONIC_SUB,   ZYDIS_MNEMONIC_XOR,    ZYDIS_MNEMONIC_CMP,
        ZYDIS_MNEMONIC_BT,   ZYDIS_MNEMONIC_BTS,   ZYDIS_MNEMONIC_BTR,    ZYDIS_MNEMONIC_BTC,
        ZYDIS_MNEMONIC_MOV,  ZYDIS_MNEMONIC_MOVZX, ZYDIS_MNEMONIC_MOVSX,  ZYDIS_MNEMONIC_TEST,
        ZYDIS_MNEMONIC_INC,  ZYDIS_MNEMONIC_DEC,   ZYDIS_MNEMONIC_NOT,    ZYDIS_MNEMONIC_NEG,
        ZYDIS_MNEMONIC_XCHG, ZYDIS_MNEMONIC_XADD,  ZYDIS_MNEMONIC_CMPXCHG};
    switch (ours.operation) {
    case Operation::stos:
        return theirs == string_mnemonic(ZYDIS_MNEMONIC_STOSB, ZYDIS_MNEMONIC_STOSW,
                                         ZYDIS_MNEMONIC_STOSD, ZYDIS_MNEMONIC_STOSQ,
                                         ours.operand_size);
    case Operation::lods:
        return theirs == string_mnemonic(ZYDIS_MNEMONIC_LODSB, ZYDIS_MNEMONIC_LODSW,
                                         ZYDIS_MNEMONIC_LODSD, ZYDIS_MNEMONIC_LODSQ,
                                         ours.operand_size);
    case Operation::movs:
        return theirs == string_mnemonic(ZYDIS_MNEMONIC_MOVSB, ZYDIS_MNEMONIC_MOVSW,
                                         ZYDIS_MNEMONIC_MOVSD, ZYDIS_MNEMONIC_MOVSQ,
                                         ours.operand_size);
    case Operation::movsx:
        return theirs == ZYDIS_MNEMONIC_MOVSX || theirs == ZYDIS_MNEMONIC_MOVSXD;
    default:
        return theirs == mnemonics[static_cast<u32>(ours.operation)];
    }
}

/// Zydis's register in our terms; 255 for none, 254 for RIP, 253 for one that we have no number
/// for.
u8 register_number(ZydisRegister reg) {
    if (reg == ZYDIS_REGISTER_NONE)
        return 255;
    if (reg == ZYDIS_REGISTER_RIP || reg == ZYDIS_REGISTER_EIP)
        return 254;
    auto id = ZydisRegisterGetId(reg);
    return id < 0 ? u8{253} : static_cast<u8>(id);
}

RegisterPart register_part(ZydisRegister reg) {
    if (reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH)
        return {static_cast<u8>(reg - ZYDIS_REGISTER_AH), true};
    if (ZydisRegisterGetClass(reg) == ZYDIS_REGCLASS_GPR8) // Zydis numbers AH to BH in between
        return {static_cast<u8>(reg < ZYDIS_REGISTER_AH ? reg - ZYDIS_REGISTER_AL
                                                        : reg - ZYDIS_REGISTER_SPL + 4),
                false};
    return {register_number(reg), false};
}

Segment segment_of(ZydisRegister reg) {
    return static_cast<Segment>(reg - ZYDIS_REGISTER_ES);
}

const char* compare_address(const Instruction& ours, const ZydisDecodedOperand& theirs) {
    const Address& a = ours.address;
    u8 base = a.rip_relative ? 254 : a.base.value_or(255);
    // Zydis 4.0 forgets R13D when it looks for the SIB byte without base and leaves the
    // displacement out.
    if (theirs.mem.base == ZYDIS_REGISTER_R13D && !a.base && a.size == 4 &&
        !theirs.mem.disp.has_displacement)
        return nullptr;
    if (register_number(theirs.mem.base) != base)
        return "base";
    if (register_number(theirs.mem.index) != a.index.value_or(255))
        return "index";
    if (a.index && theirs.mem.scale != a.scale)
        return "scale";
    // Implied operands have none. Of an address in full, Zydis extends the sign, which does not
    // matter.
    i64 displacement = theirs.mem.disp.has_displacement ? theirs.mem.disp.value : 0;
    if (((static_cast<u64>(displacement) ^ static_cast<u64>(a.displacement)) & size_mask(a.size)) !=
        0)
        return "displacement";
    if (segment_of(theirs.mem.segment) != a.segment)
        return "segment";
    return nullptr;
}

const char* compare_memory(const Instruction& ours, const ZydisDecodedOperand& theirs) {
    // Zydis has MOVSXD to a 16-bit register read 32 bits; Intel's SDM says 16.
    bool short_movsxd = ours.operation == Operation::movsx && ours.operand_size == 2 &&
                        ours.register_size == 2 && theirs.size == 32;
    if (theirs.size != 8u * ours.operand_size && !short_movsxd)
        return "memory size";
    bool reads = (theirs.actions & ZYDIS_OPERAND_ACTION_MASK_READ) != 0;
    bool writes = (theirs.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
    if (ours.operation == Operation::movs) { // one of two: that of DS is read, that of ES written
        bool source = register_number(theirs.mem.base) == rsi;
        if (reads != source || writes == source)
            return "direction";
        return source ? compare_address(ours, theirs) : nullptr;
    }
    if (reads != ours.reads_memory() || writes != ours.writes_memory())
        return "direction";
    return compare_address(ours, theirs);
}

const char* compare_other_operand(const Instruction& ours, const ZydisDecodedOperand& theirs) {
    if (theirs.type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
        bool bit_number =
            ours.operation >= Operation::bt && ours.operation <= Operation::btc; // unsigned
        u64 mask = size_mask(bit_number ? 1 : ours.operand_size);
        bool same = ours.form == Form::memory_immediate &&
                    (theirs.imm.value.u & mask) == (ours.immediate & mask);
        return same ? nullptr : "immediate";
    }
    if (ours.form != Form::memory_register && ours.form != Form::register_memory)
        return "operand that is not expected";
    RegisterPart part = register_part(theirs.reg.value);
    if (part.index != ours.reg.index || part.high != ours.reg.high)
        return "register";
    return theirs.size == 8u * ours.register_size ? nullptr : "register size";
}

} // namespace

const char* compare(const Instruction& ours, const Reference& theirs) {
    const auto& t = theirs.instruction;
    if (!ZYAN_SUCCESS(theirs.status))
        return "it does not decode";
    if (t.length != ours.length)
        return "length";
    if (!same_operation(ours, t.mnemonic))
        return "mnemonic";
    if (t.address_width != 8u * ours.address.size)
        return "address size";
    if (((t.attributes & ZYDIS_ATTRIB_HAS_REP) != 0) != ours.repeat)
        return "repeat";
    u32 in_memory = 0, others = 0;
    for (u32 i = 0; i < t.operand_count; ++i) {
        const auto& operand = theirs.operands[i];
        const char* difference = nullptr;
        if (operand.type == ZYDIS_OPERAND_TYPE_MEMORY) {
            ++in_memory;
            difference = compare_memory(ours, operand);
        } else if (i < t.operand_count_visible && !ours.is_string()) {
            ++others;
            difference = compare_other_operand(ours, operand);
        }
        if (difference != nullptr)
            return difference;
    }
    u32 expected_others = ours.form == Form::memory || ours.is_string() ? 0 : 1;
    if (in_memory != (ours.operation == Operation::movs ? 2u : 1u) || others != expected_others)
        return "number of operands";
    return nullptr;
}

bool supported(const Reference& theirs) {
    const auto& t = theirs.instruction;
    if (!ZYAN_SUCCESS(theirs.status) || t.encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY)
        return false;
    bool memory = false, general = true;
    for (u32 i = 0; i < t.operand_count_visible; ++i) {
        const auto& operand = theirs.operands[i];
        memory = memory || operand.type == ZYDIS_OPERAND_TYPE_MEMORY;
        if (operand.type == ZYDIS_OPERAND_TYPE_REGISTER) {
            auto kind = ZydisRegisterGetClass(operand.reg.value);
            general = general && kind >= ZYDIS_REGCLASS_GPR8 && kind <= ZYDIS_REGCLASS_GPR64;
        }
    }
    bool undocumented = t.opcode_map == ZYDIS_OPCODE_MAP_DEFAULT &&
                        (t.opcode == 0x82 || ((t.opcode & 0xFE) == 0xF6 && t.raw.modrm.reg == 1));
    static constexpr ZydisMnemonic strings[] = {
        ZYDIS_MNEMONIC_STOSB, ZYDIS_MNEMONIC_STOSW, ZYDIS_MNEMONIC_STOSD, ZYDIS_MNEMONIC_STOSQ,
        ZYDIS_MNEMONIC_LODSB, ZYDIS_MNEMONIC_LODSW, ZYDIS_MNEMONIC_LODSD, ZYDIS_MNEMONIC_LODSQ,
        ZYDIS_MNEMONIC_MOVSB, ZYDIS_MNEMONIC_MOVSW, ZYDIS_MNEMONIC_MOVSD, ZYDIS_MNEMONIC_MOVSQ};
    if (std::find(std::begin(strings), std::end(strings), t.mnemonic) != std::end(strings)) {
        bool repne = false;
        for (u32 i = 0; i < t.raw.prefix_count; ++i)
            repne = repne || t.raw.prefixes[i].value == 0xF2;
        return !repne && t.opcode_map == ZYDIS_OPCODE_MAP_DEFAULT;
    }
    Instruction any;
    for (Operation operation : all_operations) {
        any.operation = operation;
        if (operation < Operation::stos && same_operation(any, t.mnemonic))
            return memory && general && !undocumented;
    }
    return false;
}

} // namespace cloison::core
