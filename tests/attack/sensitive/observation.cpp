// SPDX-License-Identifier: Apache-2.0
#include "tests/attack/sensitive/observation.hpp"

#include "tests/guest/console.hpp"

#include <string_view>

namespace cloison::sensitive {

namespace {

struct Observation {
    const char* name;
    u64 index, value;
};

constexpr u32 capacity = 600;
Observation observations[capacity];
u32 count;

constexpr u64 no_fault = 0;
constexpr u64 not_noted = 0xDEADDEADDEADDEAD;

} // namespace

void note(const char* name, u64 value, u64 index) {
    if (count == capacity) // never silently: the last one says it
        observations[capacity - 1] = {"too-many", 0, 0};
    else
        observations[count++] = {name, index, value};
}

void note(const char* name, const Fault& fault, u64 index) {
    note(name, fault.happened ? fault_value(fault.number, fault.error) : no_fault, index);
}

u64 noted(const char* name, u64 index) {
    for (u32 i = count; i-- > 0;)
        if (std::string_view(observations[i].name) == name && observations[i].index == index)
            return observations[i].value;
    return not_noted;
}

void say_all(const char* privilege) {
    constexpr u32 in_one_line = 8;
    for (u32 i = 0; i < count; i += in_one_line) {
        Line line;
        line << "@value " << privilege;
        for (u32 j = i; j < i + in_one_line && j < count; ++j) {
            line << " " << observations[j].name;
            if (observations[j].index != 0)
                line << "-" << Hex{observations[j].index};
            line << "=" << Hex{observations[j].value};
        }
    }
    count = 0;
}

} // namespace cloison::sensitive
