// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/decode/decoder.hpp"

#include "firmware/core/decode/opcodes.hpp"

#include <algorithm>

namespace cloison::core {

namespace {

constexpr usize longest = 15; // SDM vol. 2A, 2.3.11
constexpr u8 rex_b = 1, rex_x = 2, rex_r = 4, rex_w = 8;

class Decoder {
  public:
    Decoder(std::span<const u8> bytes, CodeSize code) : bytes_(bytes) { result_.code = code; }

    Decoded run() {
        decode_instruction();
        result_.length = static_cast<u8>(position_);
        return {error_, result_};
    }

  private:
    [[nodiscard]] bool is64() const { return result_.code == CodeSize::code64; }
    [[nodiscard]] bool failed() const { return error_ != DecodeError::none; }
    void fail(DecodeError error) { error_ = failed() ? error_ : error; }

    u8 next();
    u64 next_bytes(u8 count);
    bool take_prefix(u8 byte);
    void override_segment(Segment segment);

    [[nodiscard]] u8 full_size() const;
    [[nodiscard]] u8 bytes_in(Width width) const;
    [[nodiscard]] RegisterPart register_part(u8 number) const;

    void decode_instruction();
    void decode_address_size();
    void decode_offset();
    void decode_string(const Opcode& opcode);
    void decode_modrm(Opcode& opcode);
    void decode_memory16(u8 mod, u8 rm);
    void decode_memory(u8 mod, u8 rm);
    u8 decode_sib();
    void check_lock();

    std::span<const u8> bytes_;
    usize position_ = 0;
    DecodeError error_ = DecodeError::none;
    u8 rex_ = 0; // the whole byte, or 0 without one
    bool operand_prefix_ = false;
    bool address_prefix_ = false;
    bool lock_ = false;
    u8 repeat_ = 0; // the last of F2 and F3
    std::optional<Segment> segment_;
    Instruction result_;
};

/// The next byte, or 0 after the end: a failed decoder runs on, over zeros, to its end.
u8 Decoder::next() {
    if (position_ < bytes_.size() && position_ < longest)
        return bytes_[position_++];
    fail(position_ == longest ? DecodeError::too_long : DecodeError::truncated);
    return 0;
}

u64 Decoder::next_bytes(u8 count) {
    u64 value = 0;
    for (u32 i = 0; i < count; ++i)
        value |= u64{next()} << (8 * i);
    return value;
}

/// In 64-bit mode ES, CS, SS and DS overrides are ignored, for FS and GS alone have a base (SDM
/// vol. 1, 3.4.4).
void Decoder::override_segment(Segment segment) {
    if (!is64() || segment == Segment::fs || segment == Segment::gs)
        segment_ = segment;
}

bool Decoder::take_prefix(u8 byte) {
    if (is64() && (byte & 0xF0) == 0x40) {
        rex_ = byte;
        return true;
    }
    switch (byte) {
    case 0x26:
    case 0x2E:
    case 0x36:
    case 0x3E:
        override_segment(static_cast<Segment>(byte >> 3 & 3));
        break;
    case 0x64:
        override_segment(Segment::fs);
        break;
    case 0x65:
        override_segment(Segment::gs);
        break;
    case 0x66:
        operand_prefix_ = true;
        break;
    case 0x67:
        address_prefix_ = true;
        break;
    case 0xF0:
        lock_ = true;
        break;
    case 0xF2:
    case 0xF3:
        repeat_ = byte;
        break;
    default:
        return false;
    }
    rex_ = 0; // REX counts only right before the opcode (SDM vol. 2A, 2.2.1)
    return true;
}

u8 Decoder::full_size() const {
    if ((rex_ & rex_w) != 0)
        return 8;
    return operand_prefix_ == (result_.code == CodeSize::code16) ? 4 : 2;
}

u8 Decoder::bytes_in(Width width) const {
    switch (width) {
    case Width::byte:
        return 1;
    case Width::word:
        return 2;
    case Width::dword: // MOVSXD, which reads two bytes with an operand-size prefix
        return std::min<u8>(full_size(), 4);
    case Width::full:
        break;
    }
    return full_size();
}

/// Byte registers 4 to 7 are AH to BH, unless there is a REX prefix of whatever value.
RegisterPart Decoder::register_part(u8 number) const {
    if (result_.register_size == 1 && rex_ == 0 && number >= 4)
        return {static_cast<u8>(number - 4), true};
    return {static_cast<u8>(number | ((rex_ & rex_r) != 0 ? 8 : 0)), false};
}

void Decoder::decode_instruction() {
    u8 byte = next();
    while (take_prefix(byte))
        byte = next();
    auto map = OpcodeMap::one_byte;
    if (byte == 0x0F) {
        map = OpcodeMap::two_byte;
        byte = next();
    }
    auto opcode = find_opcode(map, byte, result_.code);
    if (!opcode) {
        fail(DecodeError::unsupported);
        return;
    }
    decode_address_size();
    result_.operand_size = bytes_in(opcode->memory);
    result_.register_size = bytes_in(opcode->reg);
    if (opcode->offset_only)
        decode_offset();
    else if (opcode->form == Form::string)
        decode_string(*opcode);
    else
        decode_modrm(*opcode);
    result_.operation = opcode->operation;
    result_.form = opcode->form;
    if (opcode->form == Form::memory_immediate) {
        u8 size = std::min<u8>(bytes_in(opcode->immediate), 4);
        result_.immediate = sign_extend(next_bytes(size), size);
    }
    check_lock();
}

void Decoder::decode_address_size() {
    if (is64())
        result_.address.size = address_prefix_ ? 4 : 8;
    else
        result_.address.size = address_prefix_ == (result_.code == CodeSize::code16) ? 4 : 2;
    result_.address.segment = segment_.value_or(Segment::ds);
}

/// MOV between the accumulator and an address in full (opcodes A0 to A3).
void Decoder::decode_offset() {
    result_.address.displacement = static_cast<i64>(next_bytes(result_.address.size));
}

void Decoder::decode_string(const Opcode& opcode) {
    if (repeat_ == 0xF2) {
        fail(DecodeError::unsupported); // no meaning is defined for REPNE here
        return;
    }
    result_.repeat = repeat_ != 0;
    bool store = opcode.operation == Operation::stos;
    result_.address.base = store ? rdi : rsi;
    if (store)
        result_.address.segment = Segment::es; // cannot be overridden
}

void Decoder::decode_modrm(Opcode& opcode) {
    u8 modrm = next();
    auto mod = static_cast<u8>(modrm >> 6), reg = static_cast<u8>(modrm >> 3 & 7),
         rm = static_cast<u8>(modrm & 7);
    if (mod == 3 || !select_in_group(opcode, reg)) {
        fail(DecodeError::unsupported);
        return;
    }
    if (opcode.form == Form::memory_register || opcode.form == Form::register_memory)
        result_.reg = register_part(reg);
    if (result_.address.size == 2)
        decode_memory16(mod, rm);
    else
        decode_memory(mod, rm);
}

/// SDM vol. 2A, table 2-1.
void Decoder::decode_memory16(u8 mod, u8 rm) {
    constexpr u8 bases[] = {rbx, rbx, rbp, rbp, rsi, rdi, rbp, rbx};
    Address& address = result_.address;
    if (mod == 0 && rm == 6) {
        address.displacement = static_cast<i64>(sign_extend(next_bytes(2), 2));
        return;
    }
    address.base = bases[rm];
    if (rm < 4)
        address.index = (rm & 1) != 0 ? rdi : rsi;
    if (address.base == rbp)
        address.segment = segment_.value_or(Segment::ss);
    if (mod != 0)
        address.displacement = static_cast<i64>(sign_extend(next_bytes(mod), mod));
}

/// SDM vol. 2A, tables 2-2 and 2-7.
void Decoder::decode_memory(u8 mod, u8 rm) {
    Address& address = result_.address;
    u8 base = rm == 4 ? decode_sib() : rm;
    u8 displacement_size = mod == 1 ? 1 : mod == 2 ? 4 : 0;
    if (mod == 0 && base == 5) {
        displacement_size = 4;
        address.rip_relative = is64() && rm == 5;
    } else {
        address.base = static_cast<u8>(base | ((rex_ & rex_b) != 0 ? 8 : 0));
        if (address.base == rsp || address.base == rbp)
            address.segment = segment_.value_or(Segment::ss);
    }
    if (displacement_size != 0)
        address.displacement =
            static_cast<i64>(sign_extend(next_bytes(displacement_size), displacement_size));
}

/// Takes scale and index of the SIB byte (table 2-3) and returns its base field.
u8 Decoder::decode_sib() {
    u8 sib = next();
    auto index = static_cast<u8>((sib >> 3 & 7) | ((rex_ & rex_x) != 0 ? 8 : 0));
    if (index != rsp) {
        result_.address.index = index;
        result_.address.scale = static_cast<u8>(1 << (sib >> 6));
    }
    return sib & 7;
}

/// LOCK is for instructions that read memory and write it back (SDM vol. 2A, "LOCK").
void Decoder::check_lock() {
    if (lock_ && (result_.is_string() || !result_.reads_memory() || !result_.writes_memory()))
        fail(DecodeError::illegal);
}

} // namespace

bool Instruction::reads_memory() const {
    if (operation == Operation::mov)
        return form == Form::register_memory;
    return operation != Operation::stos;
}

bool Instruction::writes_memory() const {
    switch (operation) {
    case Operation::cmp:
    case Operation::test:
    case Operation::bt:
    case Operation::lods:
        return false;
    default:
        return form != Form::register_memory;
    }
}

Decoded decode(std::span<const u8> bytes, CodeSize code) {
    return Decoder(bytes, code).run();
}

} // namespace cloison::core
