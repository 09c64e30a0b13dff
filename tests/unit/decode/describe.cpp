// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/decode/describe.hpp"

#include <cstdio>

namespace cloison::core {

namespace {

std::string register_name(u8 index) {
    static const char* const names[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"};
    return index < 8 ? names[index] : "r" + std::to_string(index);
}

std::string hex(u64 value) {
    char text[20];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

u8 usual_address_size(CodeSize code) {
    return code == CodeSize::code64 ? 8 : code == CodeSize::code32 ? 4 : 2;
}

std::string memory_operand(const Instruction& instruction) {
    static const char* const segments[] = {"es", "cs", "ss", "ds", "fs", "gs"};
    const Address& a = instruction.address;
    std::string text = std::string("[") + segments[static_cast<u32>(a.segment)] + ":";
    std::string sum;
    if (a.rip_relative)
        sum = "rip";
    if (a.base)
        sum = register_name(*a.base);
    if (a.index)
        sum += (sum.empty() ? "" : "+") + register_name(*a.index) + "*" + std::to_string(a.scale);
    if (a.displacement < 0 && !sum.empty())
        sum += "-" + hex(~static_cast<u64>(a.displacement) + 1);
    else if (a.displacement != 0 || sum.empty())
        sum += (sum.empty() ? "" : "+") + hex(static_cast<u64>(a.displacement));
    text += sum + "]";
    if (a.size != usual_address_size(instruction.code))
        text += "a" + std::to_string(a.size);
    return text + ":" + std::to_string(instruction.operand_size);
}

std::string register_operand(const Instruction& instruction) {
    std::string text = register_name(instruction.reg.index);
    if (instruction.reg.high)
        text += "-high";
    return text + ":" + std::to_string(instruction.register_size);
}

} // namespace

std::string name(Operation operation) {
    static const char* const names[] = {"add",   "or",      "adc",  "sbb",  "and", "sub", "xor",
                                        "cmp",   "bt",      "bts",  "btr",  "btc", "mov", "movzx",
                                        "movsx", "test",    "inc",  "dec",  "not", "neg", "xchg",
                                        "xadd",  "cmpxchg", "stos", "lods", "movs"};
    return names[static_cast<u32>(operation)];
}

std::string name(DecodeError error) {
    static const char* const names[] = {"none", "truncated", "too-long", "unsupported", "illegal"};
    return names[static_cast<u32>(error)];
}

std::string describe(const Instruction& instruction) {
    std::string text = instruction.repeat ? "rep " : "";
    text += name(instruction.operation) + " ";
    switch (instruction.form) {
    case Form::memory_register:
        return text + memory_operand(instruction) + ", " + register_operand(instruction);
    case Form::register_memory:
        return text + register_operand(instruction) + ", " + memory_operand(instruction);
    case Form::memory_immediate:
        return text + memory_operand(instruction) + ", " + hex(instruction.immediate);
    case Form::memory:
    case Form::string:
        break;
    }
    return text + memory_operand(instruction);
}

std::string describe(const Decoded& decoded, usize given) {
    if (!decoded.ok())
        return name(decoded.error);
    std::string text = describe(decoded.instruction);
    if (decoded.instruction.length != given)
        text += " length " + std::to_string(decoded.instruction.length);
    return text;
}

} // namespace cloison::core
