// SPDX-License-Identifier: Apache-2.0
#include "partitions/rules/rules.hpp"

namespace cloison {

void check_meaning(const Layout& layout, Diagnostics& findings) {
    check_servers(layout, findings);
    check_served_devices(layout, findings);
    check_pools(layout, findings);
    check_masters(layout, findings);
    check_budget(layout, findings);
    advise(layout, findings);
}

} // namespace cloison
