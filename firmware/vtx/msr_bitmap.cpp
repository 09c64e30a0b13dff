// SPDX-License-Identifier: Apache-2.0
#include "firmware/vtx/msr_bitmap.hpp"

#include "firmware/core/apic/local_apic.hpp"
#include "firmware/core/cpu/msr_index.hpp"
#include "firmware/core/cpu/msr_policy.hpp"

namespace cloison::vtx {

namespace msr = core::msr;
namespace reg = core::apic_reg;

namespace {

/// Bits set mean an exit: default deny is all ones.
struct alignas(page_size) Bitmap {
    u8 bytes[page_size];

    void deny_all() {
        for (u8& b : bytes)
            b = 0xFF;
    }
    /// Quarters: reads of 0..0x1FFF, reads of 0xC0000000.., then writes of both.
    void allow(u32 index, bool write) {
        u32 quarter = (index >= 0xC0000000 ? 1024 : 0) + (write ? 2048 : 0);
        u32 bit = index & 0x1FFF;
        bytes[quarter + bit / 8] = static_cast<u8>(bytes[quarter + bit / 8] & ~(1 << (bit % 8)));
    }
    void allow_direct(u32 index, bool has_rdtscp) {
        auto access = static_cast<u8>(core::direct_access(index, has_rdtscp));
        if ((access & static_cast<u8>(core::MsrAccess::read)) != 0)
            allow(index, false);
        if ((access & static_cast<u8>(core::MsrAccess::write)) != 0)
            allow(index, true);
    }
};

constinit Bitmap plain{};
constinit Bitmap with_x2apic{};

} // namespace

void initialise_msr_bitmaps(bool has_rdtscp) {
    for (Bitmap* bitmap : {&plain, &with_x2apic}) {
        bitmap->deny_all();
        for (u32 i = 0; i < 0x2000; ++i) {
            bitmap->allow_direct(i, has_rdtscp);
            bitmap->allow_direct(0xC0000000 + i, has_rdtscp);
        }
    }
    // What "virtualize x2APIC mode" serves from the virtual-APIC page (SDM vol. 3C, 30.5). Not the
    // current count, which is computed, nor the ICR, whose halves that page keeps apart.
    for (u32 r : {reg::id, reg::version, reg::tpr, reg::ppr, reg::ldr, reg::svr, reg::esr,
                  reg::lvt_timer, reg::lvt_thermal, reg::lvt_performance, reg::lvt_lint0,
                  reg::lvt_lint1, reg::lvt_error, reg::initial_count, reg::divide})
        with_x2apic.allow(msr::x2apic_base + r, false);
    for (u32 r = reg::isr; r < reg::esr; ++r)
        with_x2apic.allow(msr::x2apic_base + r, false);
    for (u32 r : {reg::tpr, reg::eoi, reg::self_ipi})
        with_x2apic.allow(msr::x2apic_base + r, true);
}

u64 msr_bitmap_address(bool x2apic_virtualized) {
    return reinterpret_cast<u64>(x2apic_virtualized ? &with_x2apic : &plain);
}

} // namespace cloison::vtx
