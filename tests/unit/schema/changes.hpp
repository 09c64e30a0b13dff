// SPDX-License-Identifier: Apache-2.0
// Every small change of a good file: each attribute and element lost or doubled, and for each
// form of values some at its bounds, and just beyond.
#pragma once

#include "tests/unit/schema/agreement.hpp"
#include "tests/unit/schema/mutant.hpp"

namespace cloison::test {

/// The texts that come of it. Of attributes with one form of value, one is given all the values.
Files each_change(const Element& good, const xml::ElementRule& root);

} // namespace cloison::test
