// SPDX-License-Identifier: Apache-2.0
#include "partitions/platform/words.hpp"
#include "partitions/schema/schema.hpp"

namespace cloison::schema {

namespace {
constexpr const xml::ElementRule* all[] = {&words::layout_rule, &words::platform_rule,
                                           &words::part_rule};
} // namespace

std::span<const xml::ElementRule* const> vocabularies() {
    return all;
}

} // namespace cloison::schema
