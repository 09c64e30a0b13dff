// SPDX-License-Identifier: Apache-2.0
#include "firmware/core/decode/decoder.hpp"

#include "firmware/core/decode/prefixes.hpp"

namespace cloison::core {

namespace {

constexpr usize longest = 15; // SDM vol. 2A, 2.3.11

class Decoder {
  public:
    Decoder(std::span<const u8> bytes, CodeSize code) : bytes_(bytes), prefixes_(code) {
        result_.code = code;
    }

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
    [[nodiscard]] RegisterPart register_part(u8 number) const;

    void decode_instruction();
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
    Prefixes prefixes_;
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

/// Byte registers 4 to 7 are AH to BH, unless there is a REX prefix of whatever value.
RegisterPart Decoder::register_part(u8 number) const {
    if (result_.register_size == 1 && !prefixes_.rex() && number >= 4)
        return {static_cast<u8>(number - 4), true};
    return {static_cast<u8>(number | prefixes_.rex_r()), false};
}

void Decoder::decode_instruction() {
    u8 byte = next();
    while (prefixes_.take(byte))
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
    result_.operand_size = prefixes_.operand_size(opcode->memory);
    result_.register_size = prefixes_.operand_size(opcode->reg);
    result_.address.size = prefixes_.address_size();
    result_.address.segment = prefixes_.segment(Segment::ds);
    if (opcode->offset_only)
        decode_offset();
    else if (opcode->form == Form::string)
        decode_string(*opcode);
    else
        decode_modrm(*opcode);
    result_.operation = opcode->operation;
    result_.form = opcode->form;
    if (opcode->form == Form::memory_immediate) {
        u8 size = prefixes_.operand_size(opcode->immediate);
        result_.immediate = sign_extend(next_bytes(size), size);
    }
    check_lock();
}

/// MOV between the accumulator and an address in full (opcodes A0 to A3).
void Decoder::decode_offset() {
    result_.address.displacement = static_cast<i64>(next_bytes(result_.address.size));
}

void Decoder::decode_string(const Opcode& opcode) {
    if (prefixes_.repne()) {
        fail(DecodeError::unsupported); // no meaning is defined for REPNE here
        return;
    }
    result_.repeat = prefixes_.rep();
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
        address.segment = prefixes_.segment(Segment::ss);
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
        auto number = static_cast<u8>(base | prefixes_.rex_b());
        address.base = number;
        if (number == rsp || number == rbp)
            address.segment = prefixes_.segment(Segment::ss);
    }
    if (displacement_size != 0)
        address.displacement =
            static_cast<i64>(sign_extend(next_bytes(displacement_size), displacement_size));
}

/// Takes scale and index of the SIB byte (table 2-3) and returns its base field.
u8 Decoder::decode_sib() {
    u8 sib = next();
    auto index = static_cast<u8>((sib >> 3 & 7) | prefixes_.rex_x());
    if (index != rsp) {
        result_.address.index = index;
        result_.address.scale = static_cast<u8>(1 << (sib >> 6));
    }
    return sib & 7;
}

/// LOCK is for instructions that read memory and write it back (SDM vol. 2A, "LOCK").
void Decoder::check_lock() {
    if (prefixes_.lock() &&
        (result_.is_string() || !result_.reads_memory() || !result_.writes_memory()))
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
