// SPDX-License-Identifier: Apache-2.0
// The instructions that show a program, at any privilege, where the descriptor tables are and what
// is in them (SDM vol. 2: SGDT, SIDT, SLDT, STR, SMSW, LAR, LSL, VERR, VERW).
#include "tests/attack/sensitive/observation.hpp"

#include <initializer_list>

namespace cloison::sensitive {

namespace {

/// What an instruction stored, and that it stored no more than that.
struct [[gnu::packed]] TableImage {
    u16 limit = 0;
    u64 base = 0;
    u16 behind = 0x5A5A;
};

void note_table(const char* limit_name, const char* base_name, const TableImage& image) {
    note(limit_name, image.limit);
    note(base_name, image.base);
    note("table-behind", image.behind);
}

} // namespace

void observe_tables() {
    TableImage image;
    asm volatile("sgdt %0" : "+m"(image));
    note_table("sgdt-limit", "sgdt-base", image);
    image = {};
    asm volatile("sidt %0" : "+m"(image));
    note_table("sidt-limit", "sidt-base", image);

    u64 value = ~u64{0};
    asm volatile("sldtq %0" : "+r"(value));
    note("sldt", value);
    value = ~u64{0};
    asm volatile("sldtw %w0" : "+r"(value));
    note("sldt-word", value);
    value = ~u64{0};
    asm volatile("sldtw %0" : "+m"(value));
    note("sldt-memory", value);
    value = ~u64{0};
    asm volatile("strq %0" : "+r"(value));
    note("str", value);
    value = ~u64{0};
    asm volatile("strl %k0" : "+r"(value));
    note("str-dword", value);
    value = ~u64{0};
    asm volatile("strw %0" : "+m"(value));
    note("str-memory", value);
    value = ~u64{0};
    asm volatile("smswq %0" : "+r"(value));
    note("smsw", value);
    value = ~u64{0};
    asm volatile("smswl %k0" : "+r"(value));
    note("smsw-dword", value);
    value = ~u64{0};
    asm volatile("smsww %w0" : "+r"(value));
    note("smsw-word", value);
    value = ~u64{0};
    asm volatile("smsww %0" : "+m"(value));
    note("smsw-memory", value);
}

void observe_selectors() {
    constexpr u32 local = 4, past_limit = 8;
    for (u32 index = 0; index <= selector::end + past_limit; index += 8) {
        for (u32 low : {0u, u32{selector::user_rpl}, local}) {
            u64 s = index | low;
            u64 value = 0x5555555555555555;
            bool zero;
            asm volatile("larq %2, %0" : "+r"(value), "=@ccz"(zero) : "r"(s));
            note("lar", value << 1 | zero, s);
            value = 0x5555555555555555;
            asm volatile("lslq %2, %0" : "+r"(value), "=@ccz"(zero) : "r"(s));
            note("lsl", value << 1 | zero, s);
            bool readable, writable;
            asm volatile("verr %w1" : "=@ccz"(readable) : "r"(s));
            asm volatile("verw %w1" : "=@ccz"(writable) : "r"(s));
            note("verr-verw", u64{readable} << 1 | writable, s);
        }
    }
}

} // namespace cloison::sensitive
