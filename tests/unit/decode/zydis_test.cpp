// SPDX-License-Identifier: Apache-2.0
// The decoder against Zydis, on byte strings made to be nearly instructions. What the decoder
// accepts, Zydis must decode to the same; what Zydis takes for a supported instruction, the decoder
// must accept.
#include "tests/unit/decode/describe.hpp"
#include "tests/unit/decode/zydis_compare.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <random>
#include <set>
#include <tuple>
#include <vector>

namespace cloison::core {
namespace {

constexpr usize longest = 15;

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
