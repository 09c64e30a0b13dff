// SPDX-License-Identifier: Apache-2.0
// The executor against the processor that the test runs on: the same instruction with the same
// registers, flags and memory must leave the same behind. 64-bit code only, with 64- and 32-bit
// addresses.
#include "firmware/core/decode/execute.hpp"
#include "tests/unit/decode/describe.hpp"
#include "tests/unit/decode/native.hpp"
#include "tests/unit/decode/trials.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>

namespace cloison::core {
namespace {

/// Status flags that the SDM defines after this operation, or says it leaves alone.
u64 defined_flags(Operation operation) {
    switch (operation) {
    case Operation::bit_and:
    case Operation::bit_or:
    case Operation::bit_xor:
    case Operation::test:
        return rflags_status & ~rflags_af;
    case Operation::bt:
    case Operation::bts:
    case Operation::btr:
    case Operation::btc:
        return rflags_cf | rflags_zf;
    default:
        return rflags_status;
    }
}

class NativeTest : public testing::Test {
  protected:
    void SetUp() override {
        if (!native_.usable())
            GTEST_SKIP() << "no executable memory below 2 GiB";
    }

    [[nodiscard]] u64 data_address() const { return reinterpret_cast<u64>(native_.data().data()); }
    [[nodiscard]] u64 middle() const { return data_address() + Native::data_size / 2; }

    /// Our side's memory: the same contents, at the same addresses.
    void randomize_data() {
        for (auto& byte : native_.data())
            byte = static_cast<u8>(maker_.random());
        ours_.assign(native_.data().begin(), native_.data().end());
    }
    [[nodiscard]] u64 load(u64 address, u8 size) const {
        u64 value = 0;
        if (address - data_address() <= Native::data_size - size)
            std::memcpy(&value, ours_.data() + (address - data_address()), size);
        else
            ADD_FAILURE() << "read outside the data, at " << address;
        return value;
    }
    void store(u64 address, u8 size, u64 value) {
        if (address - data_address() <= Native::data_size - size)
            std::memcpy(ours_.data() + (address - data_address()), &value, size);
        else
            ADD_FAILURE() << "write outside the data, at " << address;
    }

    void compare(const Trial& trial);
    void execute_all(const Instruction& instruction, Registers& registers);
    void expect_same(const Instruction& instruction, const Registers& ours,
                     const Registers& theirs);

    Native native_;
    TrialMaker maker_{native_.code_address(), middle()};
    std::vector<u8> ours_;
    std::set<Operation> seen_;
};

/// Carries the instruction out to its end, a string instruction iteration by iteration.
void NativeTest::execute_all(const Instruction& instruction, Registers& registers) {
    u8 size = instruction.operand_size;
    u64 start = registers.rip;
    while (registers.rip == start) {
        u64 source = effective_address(instruction, registers);
        u64 target = source;
        u64 memory = 0;
        MemoryWrite write;
        if (instruction.is_string()) {
            target = string_destination(instruction, registers);
            if (instruction.reads_memory() && string_iterations(instruction, registers) != 0)
                memory = load(source, size);
            write = execute_string(instruction, registers, memory);
        } else {
            if (instruction.reads_memory())
                memory = load(source, size);
            write = execute(instruction, registers, memory);
        }
        if (write.wanted)
            store(target, size, write.value);
    }
    EXPECT_EQ(registers.rip, start + instruction.length);
}

void NativeTest::compare(const Trial& trial) {
    auto decoded = decode(trial.bytes, CodeSize::code64);
    ASSERT_EQ(decoded.error, DecodeError::none) << testing::PrintToString(trial.bytes);
    const auto& instruction = decoded.instruction;
    ASSERT_EQ(instruction.length, trial.bytes.size()) << describe(instruction);
    seen_.insert(instruction.operation);
    Registers ours = trial.registers, theirs = trial.registers;
    native_.run(trial.bytes, theirs);
    execute_all(instruction, ours);
    expect_same(instruction, ours, theirs);
}

void NativeTest::expect_same(const Instruction& instruction, const Registers& ours,
                             const Registers& theirs) {
    for (u32 i = 0; i < 16; ++i)
        EXPECT_EQ(ours.gpr[i], theirs.gpr[i])
            << "register " << i << " after " << describe(instruction);
    u64 flags = defined_flags(instruction.operation) | rflags_df;
    EXPECT_EQ(ours.rflags & flags, theirs.rflags & flags) << describe(instruction);
    auto data = native_.data();
    EXPECT_TRUE(std::equal(data.begin(), data.end(), ours_.begin()))
        << "memory after " << describe(instruction);
}

TEST_F(NativeTest, OperationsDoWhatTheProcessorDoes) {
    constexpr u32 rounds = 3000;
    auto encodings = all_encodings();
    randomize_data();
    for (u32 i = 0; i < rounds && !HasFailure(); ++i) {
        if (i % 64 == 0)
            randomize_data();
        for (const auto& encoding : encodings) {
            u64 value = maker_.interesting(); // operands in memory that are 0 or all-ones, too
            std::memcpy(native_.data().data() + Native::data_size / 2, &value, sizeof value);
            store(middle(), sizeof value, value);
            compare(maker_.make(encoding));
        }
    }
    // All but the string instructions.
    EXPECT_EQ(seen_.size(), std::size(all_operations) - 3);
}

TEST_F(NativeTest, CompareExchangeThatSucceeds) {
    randomize_data();
    for (u32 i = 0; i < 2000 && !HasFailure(); ++i) {
        auto trial = maker_.make({{0x0F, static_cast<u8>(0xB0 + i % 2)}, -1, i % 2 == 0});
        auto instruction = decode(trial.bytes, CodeSize::code64).instruction;
        u64 address = effective_address(instruction, trial.registers);
        if (instruction.address.base == rax || instruction.address.index == rax)
            continue; // RAX cannot be both
        u64 value = trial.registers.gpr[rax];
        std::memcpy(native_.data().data() + (address - data_address()), &value,
                    instruction.operand_size);
        store(address, instruction.operand_size, value);
        compare(trial);
    }
}

TEST_F(NativeTest, StringsDoWhatTheProcessorDoes) {
    for (u32 i = 0; i < 4000 && !HasFailure(); ++i) {
        if (i % 64 == 0)
            randomize_data();
        Trial trial{{}, maker_.random_registers()};
        auto& r = trial.registers;
        bool repeat = maker_.chance(2), narrow = maker_.chance(4);
        r.gpr[rcx] = maker_.random() % 33;
        r.gpr[rsi] = middle() + maker_.random() % 1024;
        r.gpr[rdi] = middle() + maker_.random() % 1024;
        if (maker_.chance(2))
            r.rflags |= rflags_df;
        if (repeat)
            trial.bytes.push_back(0xF3);
        if (maker_.chance(4))
            trial.bytes.push_back(0x66);
        if (narrow) {
            trial.bytes.push_back(0x67);
            // Upper halves do not count. With no iterations processors differ on whether they are
            // cleared.
            r.gpr[rcx] += r.gpr[rcx] != 0 ? maker_.random() << 32 : 0;
            r.gpr[rsi] |= r.gpr[rcx] != 0 ? maker_.random() << 32 : 0;
            r.gpr[rdi] |= r.gpr[rcx] != 0 ? maker_.random() << 32 : 0;
        }
        if (maker_.chance(2))
            trial.bytes.push_back(static_cast<u8>(0x40 | maker_.random() % 16));
        constexpr u8 opcodes[] = {0xA4, 0xA5, 0xAA, 0xAB, 0xAC, 0xAD};
        trial.bytes.push_back(opcodes[i % std::size(opcodes)]);
        compare(trial);
    }
    EXPECT_EQ(seen_, (std::set<Operation>{Operation::stos, Operation::lods, Operation::movs}));
}

} // namespace
} // namespace cloison::core
