// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes as an instruction, carried out on arbitrary registers; and as page tables,
// walked.
#include "firmware/core/decode/execute.hpp"
#include "firmware/core/decode/walk.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <span>

namespace {

using namespace cloison;

void require(bool condition) {
    if (!condition)
        std::abort();
}

/// Takes values from the input, zeros after its end.
class Input {
  public:
    explicit Input(std::span<const u8> bytes) : bytes_(bytes) {}

    template <typename T>
    T take() {
        T value{};
        auto part = take_bytes(sizeof value);
        if (!part.empty())
            std::memcpy(&value, part.data(), part.size());
        return value;
    }
    std::span<const u8> take_bytes(usize count) {
        auto part = bytes_.first(std::min(count, bytes_.size()));
        bytes_ = bytes_.subspan(part.size());
        return part;
    }

  private:
    std::span<const u8> bytes_;
};

/// The rest of the input, over and over, as guest-physical memory with a hole in every sixteenth
/// page.
struct TableMemory {
    std::span<const u8> bytes;
    mutable u32 reads = 0;

    template <typename T>
    [[nodiscard]] std::optional<T> read(u64 address) const {
        require(address % sizeof(T) == 0 && address < u64{1} << 52);
        ++reads;
        if (address / page_size % 16 == 15)
            return std::nullopt;
        T value = 0;
        for (usize i = 0; i < sizeof(T) && !bytes.empty(); ++i)
            value = static_cast<T>(value | static_cast<T>(bytes[(address + i) % bytes.size()])
                                               << (8 * i));
        return value;
    }
    [[nodiscard]] std::optional<u64> read_u64(u64 address) const { return read<u64>(address); }
    [[nodiscard]] std::optional<u32> read_u32(u64 address) const { return read<u32>(address); }
};

void check_instruction(std::span<const u8> bytes, const core::Instruction& instruction) {
    require(instruction.length >= 1 && instruction.length <= std::min<usize>(bytes.size(), 15));
    u8 size = instruction.operand_size;
    require(size == 1 || size == 2 || size == 4 || size == 8);
    require(instruction.register_size >= size || instruction.form != core::Form::register_memory);
    require(size < 8 || instruction.code == core::CodeSize::code64);
    require(instruction.reads_memory() || instruction.writes_memory());
    require(instruction.reg.index < 16 && !(instruction.reg.high && instruction.reg.index > 3));
    // What follows does not matter, and what is left out does.
    require(core::decode(bytes.first(instruction.length), instruction.code).ok());
    auto shorter = core::decode(bytes.first(instruction.length - 1u), instruction.code);
    require(shorter.error == core::DecodeError::truncated);
}

void check_execution(const core::Instruction& instruction, core::Registers registers, u64 memory) {
    u64 next = registers.rip + instruction.length;
    if (instruction.code != core::CodeSize::code64)
        next &= core::size_mask(4);
    u64 offset = core::effective_address(instruction, registers);
    require((offset & ~core::size_mask(instruction.address.size)) == 0);
    core::MemoryWrite write;
    if (instruction.is_string()) {
        u64 iterations = core::string_iterations(instruction, registers);
        write = core::execute_string(instruction, registers, memory);
        require((registers.rip == next) == (iterations <= 1));
        require(write.wanted == (iterations != 0 && instruction.writes_memory()));
    } else {
        write = core::execute(instruction, registers, memory);
        require(registers.rip == next);
        require(write.wanted == instruction.writes_memory());
    }
    require((write.value & ~core::size_mask(instruction.operand_size)) == 0);
}

void check_walk(Input& input) {
    core::PagingState state;
    state.cr0 = input.take<u64>();
    state.cr3 = input.take<u64>();
    state.cr4 = input.take<u64>();
    state.efer = input.take<u64>();
    state.rflags = input.take<u64>();
    state.physical_bits = input.take<u8>();
    state.user = (input.take<u8>() & 1) != 0;
    auto kind = static_cast<core::AccessKind>(input.take<u8>() % 3);
    u64 linear = input.take<u64>();
    TableMemory memory{input.take_bytes(4096)};
    auto result = core::walk(memory, state, linear, kind);
    require(memory.reads <= 5);
    require(!result.mapped() ||
            (result.physical % page_size == linear % page_size && result.physical < u64{1} << 52));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, size_t size) {
    Input input({data, size});
    auto code = static_cast<core::CodeSize>(input.take<u8>() % 3);
    auto bytes = input.take_bytes(16);
    auto decoded = core::decode(bytes, code);
    core::Registers registers;
    for (auto& gpr : registers.gpr)
        gpr = input.take<u64>();
    registers.rip = input.take<u64>();
    registers.rflags = input.take<u64>();
    if (decoded.ok()) {
        check_instruction(bytes, decoded.instruction);
        check_execution(decoded.instruction, registers, input.take<u64>());
    }
    check_walk(input);
    return 0;
}
