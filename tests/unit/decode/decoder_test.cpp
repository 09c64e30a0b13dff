// SPDX-License-Identifier: Apache-2.0
// Encodings written by hand from the SDM's tables: what they must decode to, and what must be
// refused.
#include "tests/unit/decode/describe.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace cloison::core {
namespace {

constexpr auto code16 = CodeSize::code16, code32 = CodeSize::code32, code64 = CodeSize::code64;

struct Case {
    CodeSize code;
    std::vector<u8> bytes;
    const char* expected;
};

void check(const std::vector<Case>& cases) {
    for (const auto& c : cases) {
        EXPECT_EQ(describe(decode(c.bytes, c.code), c.bytes.size()), c.expected);
        // What follows an instruction does not matter.
        std::vector<u8> longer = c.bytes;
        longer.insert(longer.end(), {0xF0, 0x0F});
        if (auto decoded = decode(longer, c.code); decoded.ok()) {
            EXPECT_EQ(describe(decoded, c.bytes.size()), c.expected);
        }
    }
}

TEST(Decoder, Moves) {
    check({
        {code64, {0x8B, 0x07}, "mov rax:4, [ds:rdi]:4"},
        {code64, {0x89, 0x07}, "mov [ds:rdi]:4, rax:4"},
        {code64, {0x66, 0x89, 0x0F}, "mov [ds:rdi]:2, rcx:2"},
        {code64, {0x48, 0x8B, 0x17}, "mov rdx:8, [ds:rdi]:8"},
        {code64, {0x66, 0x48, 0x8B, 0x17}, "mov rdx:8, [ds:rdi]:8"}, // REX.W wins over 66
        {code64, {0x48, 0x66, 0x8B, 0x17}, "mov rdx:2, [ds:rdi]:2"}, // REX not before the opcode
        {code64, {0x44, 0x89, 0x3E}, "mov [ds:rsi]:4, r15:4"},
        {code64, {0x88, 0x27}, "mov [ds:rdi]:1, rax-high:1"},
        {code64, {0x40, 0x88, 0x27}, "mov [ds:rdi]:1, rsp:1"},
        {code64, {0x8A, 0x3E}, "mov rbx-high:1, [ds:rsi]:1"},
        {code64, {0xC6, 0x07, 0x80}, "mov [ds:rdi]:1, 0xffffffffffffff80"},
        {code64, {0x66, 0xC7, 0x07, 0x34, 0x12}, "mov [ds:rdi]:2, 0x1234"},
        {code64, {0xC7, 0x07, 0x78, 0x56, 0x34, 0x12}, "mov [ds:rdi]:4, 0x12345678"},
        {code64, {0x48, 0xC7, 0x07, 0, 0, 0, 0x80}, "mov [ds:rdi]:8, 0xffffffff80000000"},
        {code64, {0x0F, 0xB6, 0x07}, "movzx rax:4, [ds:rdi]:1"},
        {code64, {0x48, 0x0F, 0xB7, 0x07}, "movzx rax:8, [ds:rdi]:2"},
        {code64, {0x66, 0x0F, 0xBE, 0x0F}, "movsx rcx:2, [ds:rdi]:1"},
        {code64, {0x4C, 0x0F, 0xBF, 0x0F}, "movsx r9:8, [ds:rdi]:2"},
        {code64, {0x48, 0x63, 0x07}, "movsx rax:8, [ds:rdi]:4"},
        {code64, {0x63, 0x07}, "movsx rax:4, [ds:rdi]:4"},
        {code32, {0x63, 0x07}, "unsupported"}, // ARPL
        {code32, {0x8B, 0x07}, "mov rax:4, [ds:rdi]:4"},
        {code32, {0x66, 0x8B, 0x07}, "mov rax:2, [ds:rdi]:2"},
        {code16, {0x8B, 0x07}, "mov rax:2, [ds:rbx]:2"},
        {code16, {0x66, 0x8B, 0x07}, "mov rax:4, [ds:rbx]:4"},
    });
}

TEST(Decoder, MovesWithTheAddressInTheInstruction) {
    check({
        {code64, {0xA1, 0x30, 0, 0xE0, 0xFE, 0, 0, 0, 0}, "mov rax:4, [ds:0xfee00030]:4"},
        {code64, {0x48, 0xA3, 0, 0, 0, 0, 0, 0, 0, 0x80}, "mov [ds:0x8000000000000000]:8, rax:8"},
        {code64, {0x67, 0xA0, 0x30, 0, 0xE0, 0xFE}, "mov rax:1, [ds:0xfee00030]a4:1"},
        {code64, {0x64, 0xA2, 1, 0, 0, 0, 0, 0, 0, 0}, "mov [fs:0x1]:1, rax:1"},
        {code32, {0xA1, 0x30, 0, 0xE0, 0xFE}, "mov rax:4, [ds:0xfee00030]:4"},
        {code16, {0xA3, 0xFF, 0xFF}, "mov [ds:0xffff]:2, rax:2"},
        {code16, {0x67, 0x26, 0xA2, 0, 0, 1, 0}, "mov [es:0x10000]a4:1, rax:1"},
    });
}

TEST(Decoder, AddressesOf64BitCode) {
    check({
        {code64, {0x8B, 0x47, 0xF0}, "mov rax:4, [ds:rdi-0x10]:4"},
        {code64, {0x8B, 0x87, 0, 1, 0, 0}, "mov rax:4, [ds:rdi+0x100]:4"},
        {code64, {0x8B, 0x45, 0x08}, "mov rax:4, [ss:rbp+0x8]:4"},
        {code64, {0x41, 0x8B, 0x45, 0x08}, "mov rax:4, [ds:r13+0x8]:4"},
        {code64, {0x8B, 0x05, 0x10, 0, 0, 0}, "mov rax:4, [ds:rip+0x10]:4"},
        {code64, {0x41, 0x8B, 0x05, 0x10, 0, 0, 0}, "mov rax:4, [ds:rip+0x10]:4"},
        {code64, {0x67, 0x8B, 0x05, 0xFC, 0xFF, 0xFF, 0xFF}, "mov rax:4, [ds:rip-0x4]a4:4"},
        {code64, {0x8B, 0x04, 0x24}, "mov rax:4, [ss:rsp]:4"},
        {code64, {0x41, 0x8B, 0x04, 0x24}, "mov rax:4, [ds:r12]:4"},
        {code64, {0x8B, 0x04, 0x8F}, "mov rax:4, [ds:rdi+rcx*4]:4"},
        {code64, {0x42, 0x8B, 0x04, 0xE7}, "mov rax:4, [ds:rdi+r12*8]:4"},
        {code64, {0x8B, 0x44, 0x4D, 0x7F}, "mov rax:4, [ss:rbp+rcx*2+0x7f]:4"},
        {code64, {0x8B, 0x04, 0x25, 0x30, 0, 0xE0, 0xFE}, "mov rax:4, [ds:0xfffffffffee00030]:4"},
        {code64, {0x8B, 0x04, 0xCD, 0x10, 0, 0, 0}, "mov rax:4, [ds:rcx*8+0x10]:4"},
        {code64, {0x41, 0x8B, 0x04, 0xCD, 0x10, 0, 0, 0}, "mov rax:4, [ds:rcx*8+0x10]:4"},
        {code64, {0x67, 0x8B, 0x00}, "mov rax:4, [ds:rax]a4:4"},
        {code64, {0x65, 0x8B, 0x00}, "mov rax:4, [gs:rax]:4"},
        {code64, {0x2E, 0x8B, 0x00}, "mov rax:4, [ds:rax]:4"}, // no effect in 64-bit mode
        {code64, {0x36, 0x8B, 0x00}, "mov rax:4, [ds:rax]:4"},
        {code64, {0x64, 0x3E, 0x8B, 0x00}, "mov rax:4, [fs:rax]:4"},
    });
}

TEST(Decoder, AddressesOf32And16BitCode) {
    check({
        {code32, {0x8B, 0x05, 0x30, 0, 0xE0, 0xFE}, "mov rax:4, [ds:0xfffffffffee00030]:4"},
        {code32, {0x36, 0x8B, 0x00}, "mov rax:4, [ss:rax]:4"},
        {code32, {0x8B, 0x44, 0x24, 0x04}, "mov rax:4, [ss:rsp+0x4]:4"},
        {code32, {0x3E, 0x8B, 0x45, 0x04}, "mov rax:4, [ds:rbp+0x4]:4"},
        {code32, {0x67, 0x8B, 0x07}, "mov rax:4, [ds:rbx]a2:4"},
        {code16, {0x8A, 0x00}, "mov rax:1, [ds:rbx+rsi*1]:1"},
        {code16, {0x8A, 0x01}, "mov rax:1, [ds:rbx+rdi*1]:1"},
        {code16, {0x8A, 0x02}, "mov rax:1, [ss:rbp+rsi*1]:1"},
        {code16, {0x8A, 0x03}, "mov rax:1, [ss:rbp+rdi*1]:1"},
        {code16, {0x8A, 0x04}, "mov rax:1, [ds:rsi]:1"},
        {code16, {0x8A, 0x05}, "mov rax:1, [ds:rdi]:1"},
        {code16, {0x8A, 0x06, 0x34, 0x12}, "mov rax:1, [ds:0x1234]:1"},
        {code16, {0x8A, 0x46, 0xFF}, "mov rax:1, [ss:rbp-0x1]:1"},
        {code16, {0x8A, 0x87, 0x00, 0x80}, "mov rax:1, [ds:rbx-0x8000]:1"},
        {code16, {0x67, 0x8A, 0x04, 0x24}, "mov rax:1, [ss:rsp]a4:1"},
    });
}

TEST(Decoder, ArithmeticInMemory) {
    check({
        {code64, {0x01, 0x07}, "add [ds:rdi]:4, rax:4"},
        {code64, {0x0A, 0x07}, "or rax:1, [ds:rdi]:1"},
        {code64, {0x48, 0x13, 0x07}, "adc rax:8, [ds:rdi]:8"},
        {code64, {0x18, 0x07}, "sbb [ds:rdi]:1, rax:1"},
        {code64, {0x80, 0x27, 0x7F}, "and [ds:rdi]:1, 0x7f"},
        {code64, {0x81, 0x2F, 1, 2, 3, 4}, "sub [ds:rdi]:4, 0x4030201"},
        {code64, {0x66, 0x81, 0x37, 1, 2}, "xor [ds:rdi]:2, 0x201"},
        {code64, {0x83, 0x3F, 0xFF}, "cmp [ds:rdi]:4, 0xffffffffffffffff"},
        {code64, {0x48, 0x83, 0x0F, 0x10}, "or [ds:rdi]:8, 0x10"},
        {code64, {0x84, 0x07}, "test [ds:rdi]:1, rax:1"},
        {code64, {0xF7, 0x07, 0, 0, 0, 0x80}, "test [ds:rdi]:4, 0xffffffff80000000"},
        {code64, {0xF6, 0x07, 0x80}, "test [ds:rdi]:1, 0xffffffffffffff80"},
        {code64, {0xF7, 0x17}, "not [ds:rdi]:4"},
        {code64, {0x48, 0xF7, 0x1F}, "neg [ds:rdi]:8"},
        {code64, {0xFE, 0x07}, "inc [ds:rdi]:1"},
        {code64, {0x66, 0xFF, 0x0F}, "dec [ds:rdi]:2"},
        {code64, {0x87, 0x07}, "xchg [ds:rdi]:4, rax:4"},
        {code64, {0x0F, 0xC1, 0x07}, "xadd [ds:rdi]:4, rax:4"},
        {code64, {0x0F, 0xB1, 0x0F}, "cmpxchg [ds:rdi]:4, rcx:4"},
        {code64, {0x0F, 0xA3, 0x07}, "bt [ds:rdi]:4, rax:4"},
        {code64, {0x0F, 0xAB, 0x07}, "bts [ds:rdi]:4, rax:4"},
        {code64, {0x0F, 0xB3, 0x07}, "btr [ds:rdi]:4, rax:4"},
        {code64, {0x0F, 0xBB, 0x07}, "btc [ds:rdi]:4, rax:4"},
        {code64, {0x48, 0x0F, 0xBA, 0x27, 0x3F}, "bt [ds:rdi]:8, 0x3f"},
        {code64, {0x0F, 0xBA, 0x2F, 0x05}, "bts [ds:rdi]:4, 0x5"},
        {code32, {0x01, 0x07}, "add [ds:rdi]:4, rax:4"},
        {code16, {0x81, 0x07, 1, 2}, "add [ds:rbx]:2, 0x201"},
    });
}

TEST(Decoder, Strings) {
    check({
        {code64, {0xAA}, "stos [es:rdi]:1"},
        {code64, {0xF3, 0x48, 0xAB}, "rep stos [es:rdi]:8"},
        {code64, {0x64, 0x67, 0xAB}, "stos [es:rdi]a4:4"}, // ES cannot be overridden
        {code64, {0xF3, 0xA4}, "rep movs [ds:rsi]:1"},
        {code64, {0x65, 0xA5}, "movs [gs:rsi]:4"},
        {code64, {0x66, 0xAD}, "lods [ds:rsi]:2"},
        {code32, {0x2E, 0xAC}, "lods [cs:rsi]:1"},
        {code16, {0xF3, 0x66, 0xA5}, "rep movs [ds:rsi]:4"},
        {code64, {0xF2, 0xAA}, "unsupported"},
        {code64, {0xF3, 0xA6}, "unsupported"}, // CMPS
        {code64, {0xF3, 0xAE}, "unsupported"}, // SCAS
        {code64, {0x6C}, "unsupported"},       // INS
    });
}

TEST(Decoder, LockOnlyWhereMemoryIsReadAndWritten) {
    check({
        {code64, {0xF0, 0x01, 0x07}, "add [ds:rdi]:4, rax:4"},
        {code64, {0xF0, 0x48, 0x0F, 0xB1, 0x0F}, "cmpxchg [ds:rdi]:8, rcx:8"},
        {code64, {0xF0, 0x0F, 0xBA, 0x2F, 0x05}, "bts [ds:rdi]:4, 0x5"},
        {code64, {0xF0, 0xF7, 0x17}, "not [ds:rdi]:4"},
        {code64, {0xF0, 0x87, 0x07}, "xchg [ds:rdi]:4, rax:4"},
        {code64, {0xF0, 0x03, 0x07}, "illegal"},
        {code64, {0xF0, 0x89, 0x07}, "illegal"},
        {code64, {0xF0, 0x8B, 0x07}, "illegal"},
        {code64, {0xF0, 0x39, 0x07}, "illegal"},
        {code64, {0xF0, 0x85, 0x07}, "illegal"},
        {code64, {0xF0, 0x83, 0x3F, 0x01}, "illegal"},
        {code64, {0xF0, 0x0F, 0xA3, 0x07}, "illegal"},
        {code64, {0xF0, 0x0F, 0xBA, 0x27, 0x05}, "illegal"},
        {code64, {0xF0, 0xAA}, "illegal"},
        {code64, {0xF0, 0xA4}, "illegal"},
        {code64, {0xF0, 0xC6, 0x07, 0x01}, "illegal"},
        {code64, {0xF0, 0x0F, 0xB6, 0x07}, "illegal"},
    });
}

TEST(Decoder, RefusesTheRest) {
    check({
        {code64, {0x89, 0xC7}, "unsupported"},                   // no memory operand
        {code64, {0x90}, "unsupported"},                         // NOP
        {code64, {0xFF, 0x37}, "unsupported"},                   // PUSH
        {code64, {0x8F, 0x07}, "unsupported"},                   // POP
        {code64, {0xFF, 0x17}, "unsupported"},                   // CALL
        {code64, {0xFE, 0x17}, "unsupported"},                   // nothing
        {code64, {0xC6, 0x0F, 0x00}, "unsupported"},             // nothing
        {code64, {0xF6, 0x0F, 0x00}, "unsupported"},             // undocumented TEST
        {code64, {0xF7, 0x27}, "unsupported"},                   // MUL
        {code32, {0x82, 0x07, 0x00}, "unsupported"},             // undocumented ADD
        {code64, {0x0F, 0xBA, 0x1F, 0x05}, "unsupported"},       // nothing
        {code64, {0x8C, 0x07}, "unsupported"},                   // MOV from a segment register
        {code64, {0x8D, 0x07}, "unsupported"},                   // LEA
        {code64, {0xD9, 0x07}, "unsupported"},                   // FLD
        {code64, {0x0F, 0x10, 0x07}, "unsupported"},             // MOVUPS
        {code64, {0x0F, 0x0F, 0x07, 0x9E}, "unsupported"},       // 3DNow!
        {code64, {0x0F, 0x38, 0xF0, 0x07}, "unsupported"},       // MOVBE
        {code64, {0xC5, 0xF8, 0x28, 0x07}, "unsupported"},       // VEX
        {code64, {0xC4, 0xE2, 0x79, 0x18, 0x07}, "unsupported"}, // VEX
        {code64, {0x62, 0xF1, 0x7C, 0x48, 0x28, 0x07}, "unsupported"}, // EVEX
    });
}

TEST(Decoder, EveryBeginningOfAnInstructionIsTruncated) {
    const std::vector<Case> whole = {
        {code64,
         {0xF0, 0x48, 0x81, 0x84, 0xCD, 1, 2, 3, 4, 5, 6, 7, 8},
         "add [ss:rbp+rcx*8+0x4030201]:8, 0x8070605"},
        {code64, {0x65, 0x48, 0xA1, 1, 2, 3, 4, 5, 6, 7, 8}, "mov rax:8, [gs:0x807060504030201]:8"},
        {code16, {0x26, 0xC7, 0x86, 1, 2, 3, 4}, "mov [es:rbp+0x201]:2, 0x403"},
        {code32, {0x64, 0x0F, 0xBA, 0x6C, 0x24, 0x10, 0x05}, "bts [fs:rsp+0x10]:4, 0x5"},
        {code64, {0xF3, 0x66, 0x67, 0xA5}, "rep movs [ds:rsi]a4:2"},
    };
    check(whole);
    for (const auto& c : whole) {
        for (usize length = 0; length < c.bytes.size(); ++length) {
            auto part = std::span<const u8>(c.bytes).first(length);
            EXPECT_EQ(name(decode(part, c.code).error), "truncated")
                << c.expected << " at " << length;
        }
    }
}

TEST(Decoder, FifteenBytesAndNoMore) {
    std::vector<u8> bytes(13, 0x66);
    bytes.insert(bytes.end(), {0x8B, 0x07});
    EXPECT_EQ(describe(decode(bytes, code64), 15), "mov rax:2, [ds:rdi]:2");
    bytes.insert(bytes.begin(), 0x66);
    EXPECT_EQ(name(decode(bytes, code64).error), "too-long");
    // The caller may have no more than 15 bytes to show.
    EXPECT_EQ(name(decode(std::span<const u8>(bytes).first(15), code64).error), "too-long");
    EXPECT_EQ(name(decode(std::span<const u8>(bytes).first(14), code64).error), "truncated");
    EXPECT_EQ(name(decode(std::vector<u8>(64, 0xF0), code32).error), "too-long");
}

TEST(Decoder, NothingDecodedIsNotOk) {
    EXPECT_FALSE(Decoded{}.ok());
}

} // namespace
} // namespace cloison::core
