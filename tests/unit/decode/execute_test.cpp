// SPDX-License-Identifier: Apache-2.0
// What the processor under the tests cannot show: 16- and 32-bit code, RIP, RF, and one iteration
// at a time.
#include "firmware/core/decode/execute.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace cloison::core {
namespace {

constexpr auto code16 = CodeSize::code16, code32 = CodeSize::code32, code64 = CodeSize::code64;

Instruction instruction(CodeSize code, const std::vector<u8>& bytes) {
    auto decoded = decode(bytes, code);
    EXPECT_TRUE(decoded.ok());
    return decoded.instruction;
}

TEST(Execute, RegisterParts) {
    Registers registers;
    registers.gpr[rdx] = 0x1122334455667788;
    EXPECT_EQ(read_register(registers, {rdx, false}, 1), 0x88u);
    EXPECT_EQ(read_register(registers, {rdx, true}, 1), 0x77u);
    EXPECT_EQ(read_register(registers, {rdx, false}, 2), 0x7788u);
    EXPECT_EQ(read_register(registers, {rdx, false}, 4), 0x55667788u);
    write_register(registers, {rdx, true}, 1, 0xFFAA);
    EXPECT_EQ(registers.gpr[rdx], 0x112233445566AA88u);
    write_register(registers, {rdx, false}, 1, 0xFFBB);
    EXPECT_EQ(registers.gpr[rdx], 0x112233445566AABBu);
    write_register(registers, {rdx, false}, 2, 0xFF0102);
    EXPECT_EQ(registers.gpr[rdx], 0x1122334455660102u);
    write_register(registers, {rdx, false}, 4, 0xFF01020304);
    EXPECT_EQ(registers.gpr[rdx], 0x01020304u);
    write_register(registers, {rdx, false}, 8, ~u64{0});
    EXPECT_EQ(registers.gpr[rdx], ~u64{0});
}

TEST(Execute, BitsPastTheOperandDoNotCount) {
    Registers registers;
    auto write =
        execute(instruction(code64, {0x80, 0x07, 0x01}), registers, 0xABCDEF7F); // ADD byte
    EXPECT_TRUE(write.wanted);
    EXPECT_EQ(write.value, 0x80u);
    EXPECT_EQ(registers.rflags & rflags_status, rflags_of | rflags_sf | rflags_af);
    (void)execute(instruction(code64, {0x0F, 0xB6, 0x07}), registers, ~u64{0}); // MOVZX
    EXPECT_EQ(registers.gpr[rax], 0xFFu);
}

TEST(Execute, StoresDoNotNeedWhatMemoryHolds) {
    Registers registers;
    registers.gpr[rcx] = 0x123456789;
    auto store = instruction(code64, {0x89, 0x0F});
    EXPECT_FALSE(store.reads_memory());
    EXPECT_EQ(execute(store, registers, 0).value, 0x23456789u);
    EXPECT_FALSE(execute(instruction(code64, {0x8B, 0x0F}), registers, 7).wanted);
    EXPECT_EQ(registers.gpr[rcx], 7u);
}

TEST(Execute, RipMovesOnAndRfIsCleared) {
    Registers registers;
    registers.rip = 0xFFFFFFFE;
    registers.rflags |= rflags_rf;
    (void)execute(instruction(code64, {0x8B, 0x07}), registers, 0);
    EXPECT_EQ(registers.rip, 0x100000000u);
    EXPECT_EQ(registers.rflags & rflags_rf, 0u);
    registers.rip = 0xFFFFFFFE;
    (void)execute(instruction(code32, {0x8B, 0x07}), registers, 0);
    EXPECT_EQ(registers.rip, 0u);
}

TEST(EffectiveAddress, IsCutToTheAddressSize) {
    Registers registers;
    registers.gpr[rbx] = 0xAAAAAAAAAAAAFFFF;
    registers.gpr[rsi] = 0xBBBBBBBBBBBB0010;
    EXPECT_EQ(effective_address(instruction(code16, {0x8A, 0x00}), registers), 0xFu);
    EXPECT_EQ(effective_address(instruction(code32, {0x8A, 0x04, 0x33}), registers), 0x6666000Fu);
    EXPECT_EQ(effective_address(instruction(code64, {0x8A, 0x04, 0x33}), registers),
              0x666666666666000Fu);
    EXPECT_EQ(effective_address(instruction(code32, {0x8A, 0x05, 0x30, 0, 0xE0, 0xFE}), registers),
              0xFEE00030u);
    EXPECT_EQ(effective_address(instruction(code16, {0x8A, 0x06, 0xFF, 0xFF}), registers), 0xFFFFu);
}

TEST(EffectiveAddress, IsRelativeToTheEndOfTheInstruction) {
    Registers registers;
    registers.rip = 0x1000;
    // MOV dword [rip+0x10], imm32: the immediate comes after the displacement
    auto store = instruction(code64, {0xC7, 0x05, 0x10, 0, 0, 0, 1, 2, 3, 4});
    EXPECT_EQ(effective_address(store, registers), 0x101Au);
}

TEST(EffectiveAddress, OfABitTestFollowsTheBitNumber) {
    Registers registers;
    registers.gpr[rdi] = 0x1000;
    auto test = instruction(code64, {0x0F, 0xAB, 0x07}); // BTS [rdi], eax
    registers.gpr[rax] = 32 * 3 + 5;
    EXPECT_EQ(effective_address(test, registers), 0x100Cu);
    EXPECT_EQ(execute(test, registers, 0).value, 1u << 5);
    registers.gpr[rax] = 0xFFFFFFFF; // the bit before
    EXPECT_EQ(effective_address(test, registers), 0xFFCu);
    EXPECT_EQ(execute(test, registers, 0).value, 1u << 31);
    // The number in the instruction does not leave the operand.
    auto immediate = instruction(code64, {0x0F, 0xBA, 0x2F, 0x25});
    EXPECT_EQ(effective_address(immediate, registers), 0x1000u);
    EXPECT_EQ(execute(immediate, registers, 0).value, 1u << 5);
}

TEST(Strings, OneIterationAtATime) {
    Registers registers;
    registers.rip = 0x100;
    registers.rflags |= rflags_rf;
    registers.gpr[rcx] = 2;
    registers.gpr[rsi] = 0x1000;
    registers.gpr[rdi] = 0x2000;
    auto copy = instruction(code64, {0xF3, 0xA5}); // REP MOVSD
    EXPECT_EQ(string_iterations(copy, registers), 2u);
    EXPECT_EQ(effective_address(copy, registers), 0x1000u);
    EXPECT_EQ(string_destination(copy, registers), 0x2000u);
    auto write = execute_string(copy, registers, 0x1122334455);
    EXPECT_TRUE(write.wanted);
    EXPECT_EQ(write.value, 0x22334455u);
    EXPECT_EQ(registers.rip, 0x100u);
    EXPECT_NE(registers.rflags & rflags_rf, 0u); // not done yet
    EXPECT_EQ(registers.gpr[rcx], 1u);
    EXPECT_EQ(registers.gpr[rsi], 0x1004u);
    EXPECT_EQ(registers.gpr[rdi], 0x2004u);
    (void)execute_string(copy, registers, 0);
    EXPECT_EQ(registers.gpr[rcx], 0u);
    EXPECT_EQ(registers.rip, 0x102u);
    EXPECT_EQ(registers.rflags & rflags_rf, 0u);
}

TEST(Strings, NoIterationsOnlyMoveRip) {
    Registers registers;
    registers.gpr[rcx] = u64{1} << 32;
    registers.gpr[rdi] = 0x2000;
    auto fill = instruction(code64, {0x67, 0xF3, 0xAA}); // counts in ECX
    EXPECT_EQ(string_iterations(fill, registers), 0u);
    EXPECT_FALSE(execute_string(fill, registers, 0).wanted);
    EXPECT_EQ(registers.rip, 3u);
    EXPECT_EQ(registers.gpr[rcx], u64{1} << 32);
    EXPECT_EQ(registers.gpr[rdi], 0x2000u);
}

TEST(Strings, WithoutRepCountOnceWhateverCxHolds) {
    Registers registers;
    registers.gpr[rcx] = 0;
    auto load = instruction(code32, {0xAD});
    EXPECT_EQ(string_iterations(load, registers), 1u);
    EXPECT_FALSE(execute_string(load, registers, 0x89ABCDEF).wanted);
    EXPECT_EQ(registers.gpr[rax], 0x89ABCDEFu);
    EXPECT_EQ(registers.gpr[rcx], 0u);
    EXPECT_EQ(registers.rip, 1u);
}

TEST(Strings, SixteenBitAddressesWrapAndGoDown) {
    Registers registers;
    registers.rflags |= rflags_df;
    registers.gpr[rdi] = 0xABCD0001;
    registers.gpr[rax] = 0x1234;
    auto store = instruction(code16, {0xAB});
    EXPECT_EQ(string_destination(store, registers), 1u);
    EXPECT_EQ(effective_address(store, registers), 1u);
    EXPECT_EQ(execute_string(store, registers, 0).value, 0x1234u);
    EXPECT_EQ(registers.gpr[rdi], 0xABCDFFFFu);
}

} // namespace
} // namespace cloison::core
