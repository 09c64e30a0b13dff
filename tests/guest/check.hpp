// SPDX-License-Identifier: Apache-2.0
// One thing that is to be proven, by any number of observations; one line on the console:
//   @check NAME ok of=N            all of N observations were as expected
//   @check NAME FAILED n of=N first=WHAT at 0x… got 0x…
// A check that observed nothing has failed.
#pragma once

#include "firmware/abi/types.hpp"

namespace cloison::guest {

class Check {
  public:
    explicit Check(const char* name) : name_(name) {}
    ~Check();
    Check(const Check&) = delete;
    Check& operator=(const Check&) = delete;

    /// One observation of `what`; `where` and `got` are kept of the first that is not good.
    void expect(bool good, const char* what, u64 where = 0, u64 got = 0);
    void expect_equal(u64 got, u64 wanted, const char* what, u64 where = 0) {
        expect(got == wanted, what, where, got);
    }

    [[nodiscard]] bool ok() const { return failed_ == 0 && observed_ != 0; }

    static constinit u32 passed_checks, failed_checks;

  private:
    const char* name_;
    u64 observed_ = 0;
    u64 failed_ = 0;
    const char* first_ = "nothing-observed";
    u64 where_ = 0;
    u64 got_ = 0;
};

} // namespace cloison::guest
