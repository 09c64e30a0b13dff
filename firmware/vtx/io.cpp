// SPDX-License-Identifier: Apache-2.0
// Port accesses: all of them exit, none reaches the machine's ports.
#include "firmware/vtx/vcpu.hpp"

#include <algorithm>

namespace cloison::vtx {

namespace {

bool is_console(u16 port) {
    return port >= guest_map::com1 && port < guest_map::com1 + 8;
}

} // namespace

void Vcpu::handle_io(u64 qualification) {
    // Exit qualification for I/O instructions: SDM vol. 3C, table 28-5.
    u32 size = (qualification & 7) + 1;
    bool in = (qualification & 8) != 0;
    bool string = (qualification & 16) != 0;
    auto port = static_cast<u16>(qualification >> 16);
    if (!core::Board::claims_port(port, size))
        guest_.warn(refused::port, "access to absent port", port);
    if (string) {
        handle_string_io(qualification, port, size, in);
    } else if (in) {
        u64 value = guest_.partition.port_read(*this, port, size);
        core::write_register(registers_, {core::rax, false}, static_cast<u8>(size), value);
        advance();
    } else {
        guest_.partition.port_write(
            *this, port, size,
            static_cast<u32>(registers_.gpr[core::rax] & core::size_mask(static_cast<u8>(size))));
        advance();
    }
    if (is_console(port) && guest_.partition.board().serial_has_output() &&
        !guest_.pump_console(*this))
        console_deadline_ = std::min(console_deadline_, x86::rdtsc() + guest_.console_burst);
}

/// One iteration of INS or OUTS at a time; with REP the instruction exits again for the next.
void Vcpu::handle_string_io(u64 qualification, u16 port, u32 size, bool in) {
    constexpr auto instruction_information = static_cast<Field>(0x440E);
    bool repeat = (qualification & 32) != 0;
    u32 address_code = vmread32(instruction_information) >> 7 & 7; // 0: 16, 1: 32, 2: 64 bits
    auto address_size = static_cast<u8>(2u << (address_code & 3));
    u64 mask = core::size_mask(address_size);
    if (repeat && (registers_.gpr[core::rcx] & mask) == 0) {
        advance();
        return;
    }
    u64 linear = vmread(Field::guest_linear_address);
    u64 value = 0;
    if (in) {
        value = guest_.partition.port_read(*this, port, size);
        if (!guest_access(linear, size, value, true))
            return; // the fault is on its way to the guest; a byte read is lost, as on hardware's
                    // #PF it is not
    } else {
        if (!guest_access(linear, size, value, false))
            return;
        guest_.partition.port_write(*this, port, size, static_cast<u32>(value));
    }
    bool down = (vmread(Field::guest_rflags) & core::rflags_df) != 0;
    core::RegisterPart index{in ? core::rdi : core::rsi, false};
    u64 moved =
        core::read_register(registers_, index, address_size) + (down ? ~u64{size} + 1 : size);
    core::write_register(registers_, index, address_size, moved);
    if (repeat) {
        u64 left = (registers_.gpr[core::rcx] - 1) & mask;
        core::write_register(registers_, {core::rcx, false}, address_size, left);
        if (left != 0) {
            finish_instruction(); // an iteration counts as one for traps
            return;
        }
    }
    advance();
}

} // namespace cloison::vtx
