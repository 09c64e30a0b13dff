// SPDX-License-Identifier: Apache-2.0
#include "tests/guest/check.hpp"

#include "tests/guest/console.hpp"

namespace cloison::guest {

constinit u32 Check::passed_checks = 0;
constinit u32 Check::failed_checks = 0;

void Check::expect(bool good, const char* what, u64 where, u64 got) {
    ++observed_;
    if (good)
        return;
    if (failed_++ == 0) {
        first_ = what;
        where_ = where;
        got_ = got;
    }
}

Check::~Check() {
    ++(ok() ? passed_checks : failed_checks);
    Line line;
    line << "@check " << name_;
    if (ok())
        line << " ok of=" << observed_;
    else
        line << " FAILED " << failed_ << " of=" << observed_ << " first=" << first_ << " at "
             << Hex{where_} << " got " << Hex{got_};
}

} // namespace cloison::guest
