// SPDX-License-Identifier: Apache-2.0
// The decoder against Zydis, on byte strings made to be nearly instructions. What the decoder
// accepts, Zydis must decode to the same; what Zydis takes for a supported instruction, the decoder
// must accept.
#include "tests/unit/decode/describe.hpp"

#include <Zydis/Zydis.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>
#include <set>
#include <tuple>
#include <vector>

namespace cloison::core {
namespace {

constexpr usize longest = 15;

struct Reference {
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    ZyanStatus status;
};

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

/// What differs, or null.
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

/// True for what the decoder should accept, going by Zydis alone.
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

/// Bytes that are an instruction more often than not: prefixes, an opcode of those supported or
/// near them, the rest at random.
class Generator {
  public:
    std::span<const u8> next() {
        usize at = 0;
        for (u32 prefixes = random() % 5 * (random() % 2); prefixes > 0; --prefixes)
            bytes_[at++] = pick(prefix_bytes);
        if (random() % 3 == 0)
            bytes_[at++] = static_cast<u8>(0x40 | random() % 16);
        if (random() % 3 == 0) {
            bytes_[at++] = 0x0F;
            bytes_[at++] = random() % 8 == 0 ? static_cast<u8>(random()) : pick(two_byte);
        } else {
            bytes_[at++] = random() % 8 == 0 ? static_cast<u8>(random()) : pick(one_byte);
        }
        while (at < bytes_.size())
            bytes_[at++] = static_cast<u8>(random());
        if (random() % 8 == 0) // a random end, rarely
            return std::span<const u8>(bytes_).first(random() % (longest + 2));
        return bytes_;
    }

  private:
    static constexpr u8 prefix_bytes[] = {0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65,
                                          0x66, 0x67, 0xF0, 0xF2, 0xF3, 0x48};
    static constexpr u8 one_byte[] = {0x00, 0x01, 0x02, 0x03, 0x08, 0x09, 0x0A, 0x0B, 0x11, 0x12,
                                      0x19, 0x1A, 0x21, 0x22, 0x29, 0x2A, 0x31, 0x32, 0x39, 0x3A,
                                      0x63, 0x80, 0x81, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
                                      0x8A, 0x8B, 0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xAA, 0xAB,
                                      0xAC, 0xAD, 0xC6, 0xC7, 0xF6, 0xF7, 0xFE, 0xFF};
    static constexpr u8 two_byte[] = {0xA3, 0xAB, 0xB3, 0xBB, 0xB0, 0xB1, 0xB6,
                                      0xB7, 0xBA, 0xBE, 0xBF, 0xC0, 0xC1};

    u32 random() { return static_cast<u32>(random_() >> 32); }
    template <usize n>
    u8 pick(const u8 (&from)[n]) {
        return from[random() % n];
    }

    std::mt19937_64 random_{2022};
    std::array<u8, longest + 5> bytes_{};
};

std::string hex(std::span<const u8> bytes) {
    std::string text;
    char digits[4];
    for (u8 byte : bytes) {
        std::snprintf(digits, sizeof digits, "%02x ", byte);
        text += digits;
    }
    return text;
}

/// What must have been accepted at least once: every operation in every size that it has.
using Seen = std::set<std::tuple<CodeSize, Operation, u8>>;

Seen everything() {
    Seen all;
    for (auto code : {CodeSize::code16, CodeSize::code32, CodeSize::code64}) {
        u8 largest = code == CodeSize::code64 ? 8 : 4;
        for (Operation operation : all_operations) {
            bool bit = operation >= Operation::bt && operation <= Operation::btc;
            u8 last = largest;
            if (operation == Operation::movzx)
                last = 2;
            else if (operation == Operation::movsx)
                last = largest / 2; // four bytes with MOVSXD only
            for (u8 size = bit ? 2 : 1; size <= last; size = static_cast<u8>(2 * size))
                all.insert({code, operation, size});
        }
    }
    return all;
}

TEST(Zydis, AgreesInBothDirections) {
    constexpr u32 rounds = 600'000; // for each code size
    Seen seen;
    Generator generator;
    Reference theirs;
    u32 accepted = 0;
    for (auto code : {CodeSize::code16, CodeSize::code32, CodeSize::code64}) {
        Zydis zydis(code);
        for (u32 i = 0; i < rounds; ++i) {
            auto bytes = generator.next();
            zydis.decode(bytes, theirs);
            auto decoded = decode(bytes, code);
            if (decoded.ok()) {
                const auto& ours = decoded.instruction;
                ++accepted;
                seen.insert({code, ours.operation, ours.operand_size});
                const char* difference = compare(ours, theirs);
                ASSERT_TRUE(difference == nullptr)
                    << difference << ": " << hex(bytes) << describe(ours);
            } else {
                ASSERT_FALSE(supported(theirs))
                    << "not accepted: " << hex(bytes) << "code " << static_cast<u32>(code) << " "
                    << name(decoded.error) << ZydisMnemonicGetString(theirs.instruction.mnemonic);
                if (decoded.error == DecodeError::truncated) {
                    ASSERT_EQ(theirs.status, ZYDIS_STATUS_NO_MORE_DATA) << hex(bytes);
                } else if (decoded.error == DecodeError::too_long) {
                    ASSERT_TRUE(theirs.status == ZYDIS_STATUS_INSTRUCTION_TOO_LONG ||
                                theirs.status == ZYDIS_STATUS_NO_MORE_DATA)
                        << hex(bytes);
                } else if (decoded.error == DecodeError::illegal) {
                    ASSERT_EQ(theirs.status, ZYDIS_STATUS_ILLEGAL_LOCK) << hex(bytes);
                }
            }
        }
    }
    EXPECT_EQ(seen, everything());
    EXPECT_GT(accepted, 3 * rounds / 4);
    RecordProperty("accepted", static_cast<int>(accepted));
}

} // namespace
} // namespace cloison::core
