// SPDX-License-Identifier: Apache-2.0
// linux/kvm.h for C++. What the header has before an array without a size is an empty structure,
// which takes a byte in C++ and none in C: then the array, and with it the numbers of the calls,
// would be others than the kernel's.
#pragma once

#include <linux/stddef.h>

#undef __DECLARE_FLEX_ARRAY
#define __DECLARE_FLEX_ARRAY(type, name) type name[0]

#include <linux/kvm.h>

static_assert(sizeof(kvm_cpuid2) == 8 && sizeof(kvm_irq_routing) == 8);
