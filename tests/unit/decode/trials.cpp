// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/decode/trials.hpp"

namespace cloison::core {

namespace {

constexpr u8 rex_b = 1, rex_x = 2, rex_r = 4, rex_w = 8;

/// BT, BTS, BTR and BTC with the bit's number in a register.
bool is_far_bit_test(const Encoding& encoding) {
    return encoding.opcode.size() == 2 && (encoding.opcode[1] & 0xE7) == 0xA3;
}

} // namespace

std::vector<Encoding> all_encodings() {
    using enum Encoding::Immediate;
    std::vector<Encoding> all;
    for (u8 operation = 0; operation < 8; ++operation) {
        for (u8 form = 0; form < 4; ++form)
            all.push_back({{static_cast<u8>(8 * operation + form)}, -1, form % 2 == 0});
        all.push_back({{0x80}, operation, false, byte});
        all.push_back({{0x81}, operation, false, full});
        all.push_back({{0x83}, operation, false, byte});
    }
    for (u8 opcode : std::initializer_list<u8>{0x84, 0x86, 0x88, 0x8A}) {
        all.push_back({{opcode}, -1, true});
        all.push_back({{static_cast<u8>(opcode + 1)}});
    }
    for (u8 opcode : std::initializer_list<u8>{0xB0, 0xC0}) {
        all.push_back({{0x0F, opcode}, -1, true});
        all.push_back({{0x0F, static_cast<u8>(opcode + 1)}});
    }
    for (u8 opcode : std::initializer_list<u8>{0xB6, 0xB7, 0xBE, 0xBF, 0xA3, 0xAB, 0xB3, 0xBB})
        all.push_back({{0x0F, opcode}});
    for (int reg = 4; reg < 8; ++reg)
        all.push_back({{0x0F, 0xBA}, reg, false, byte});
    all.push_back({{0x63}});
    for (u8 opcode : std::initializer_list<u8>{0xC6, 0xF6}) { // MOV, TEST
        all.push_back({{opcode}, 0, false, byte});
        all.push_back({{static_cast<u8>(opcode + 1)}, 0, false, full});
    }
    for (int reg : {2, 3}) { // NOT, NEG
        all.push_back({{0xF6}, reg});
        all.push_back({{0xF7}, reg});
    }
    for (int reg : {0, 1}) { // INC, DEC
        all.push_back({{0xFE}, reg});
        all.push_back({{0xFF}, reg});
    }
    return all;
}

u64 TrialMaker::interesting() {
    u64 value = random_();
    switch (random_() % 4) {
    case 0:
        return (value % 5 - 2) << (8 * (value >> 32 & 7));
    case 1:
        return sign_extend(value, 1);
    default:
        return value;
    }
}

Registers TrialMaker::random_registers() {
    Registers registers;
    for (auto& gpr : registers.gpr)
        gpr = interesting();
    registers.gpr[rsp] = 0;
    registers.rflags = X86_EFLAGS_FIXED | X86_EFLAGS_IF | (random_() & rflags_status);
    registers.rip = code_;
    return registers;
}

void TrialMaker::append(std::vector<u8>& bytes, u64 value, u32 count) {
    for (u32 i = 0; i < count; ++i)
        bytes.push_back(static_cast<u8>(value >> (8 * i)));
}

Trial TrialMaker::make(const Encoding& encoding) {
    Trial trial{{}, random_registers()};
    bool narrow = chance(4), word = chance(4);
    u8 rex = chance(2) ? static_cast<u8>(0x40 | random_() % 16) : u8{0};
    u8 reg = encoding.group >= 0 ? static_cast<u8>(encoding.group) : static_cast<u8>(random_() % 8);
    bool is_ah = encoding.byte_register && rex == 0;
    if (encoding.group < 0 && reg == rsp && (rex & rex_r) == 0 && !is_ah)
        reg = rdx;
    if (narrow)
        trial.bytes.push_back(0x67);
    if (word)
        trial.bytes.push_back(0x66);
    if (rex != 0)
        trial.bytes.push_back(rex);
    trial.bytes.insert(trial.bytes.end(), encoding.opcode.begin(), encoding.opcode.end());

    u8 not_base = rsp;
    if (is_far_bit_test(encoding)) {
        not_base = static_cast<u8>(reg | ((rex & rex_r) != 0 ? 8 : 0));
        trial.registers.gpr[not_base] = sign_extend(random_(), 2);
    }
    u32 immediate = 0;
    if (encoding.immediate == Encoding::Immediate::byte)
        immediate = 1;
    else if (encoding.immediate == Encoding::Immediate::full)
        immediate = word && (rex & rex_w) == 0 ? 2 : 4;
    if (chance(8))
        append_rip_relative(trial, reg, immediate);
    else
        append_sib(trial, reg, rex, narrow, not_base);
    append(trial.bytes, interesting(), immediate);
    return trial;
}

void TrialMaker::append_rip_relative(Trial& trial, u8 reg, u32 immediate) {
    trial.bytes.push_back(static_cast<u8>(reg << 3 | 5));
    u64 next = code_ + trial.bytes.size() + 4 + immediate;
    append(trial.bytes, target_ - next, 4);
}

/// Base, mostly an index, and four bytes of displacement.
void TrialMaker::append_sib(Trial& trial, u8 reg, u8 rex, bool narrow, u8 avoid) {
    auto& gpr = trial.registers.gpr;
    u8 base, index;
    do
        base = static_cast<u8>(random_() % 8 | ((rex & rex_b) != 0 ? 8 : 0));
    while (base == rsp || base == avoid);
    do
        index = static_cast<u8>(random_() % 8 | ((rex & rex_x) != 0 ? 8 : 0));
    while (index == base);
    auto scale = static_cast<u8>(random_() % 4);
    u64 displacement = sign_extend(random_(), 4);
    trial.bytes.push_back(static_cast<u8>(0x80 | reg << 3 | 4));
    trial.bytes.push_back(static_cast<u8>(scale << 6 | (index & 7) << 3 | (base & 7)));
    append(trial.bytes, displacement, 4);
    u64 offset = displacement + (index == rsp ? 0 : gpr[index] << scale);
    gpr[base] = target_ - offset;
    if (narrow) // the upper half of the sum does not count
        gpr[base] = (gpr[base] & size_mask(4)) | random_() << 32;
}

} // namespace cloison::core
