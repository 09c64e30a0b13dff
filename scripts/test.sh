#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that must hold before a change is published, fast checks first: style, unit tests under
# sanitizers, fuzzers for a bounded number of runs, static analysis, boots on the emulated machine.
#
#   scripts/test.sh [STEP...]     steps: style unit fuzz tidy boot; default: all
#
# Exit status: 0 when every step passed; the first that fails ends the run.
set -euo pipefail

cd "$(dirname "$0")/.."
steps=("$@")
[ ${#steps[@]} -gt 0 ] || steps=(style unit fuzz tidy boot)
jobs=$(nproc)

# What COMMAND says is shown only where it fails.
quietly() { # COMMAND...
    local log status=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 || status=$?
    [ $status -eq 0 ] || cat "$log" >&2
    rm -f "$log"
    return $status
}

sources() { git ls-files '*.cpp' '*.hpp' '*.c'; }

step_style() {
    sources | xargs clang-format --dry-run --Werror
    git ls-files '*.sh' .ci/run | xargs shellcheck
}

step_unit() {
    cmake --preset asan
    cmake --build --preset asan --target unit_tests -j "$jobs"
    ctest --preset asan -L unit -j "$jobs"
}

step_fuzz() {
    cmake --preset fuzz
    cmake --build --preset fuzz --target fuzzers -j "$jobs"
    for fuzzer in build-fuzz/bin/*_fuzz; do
        echo "test: $fuzzer, 20000 runs"
        quietly "$fuzzer" -seed=1 -runs=20000 -max_len=4096 -timeout=60
    done
}

step_tidy() {
    cmake --preset asan >/dev/null
    git ls-files 'firmware/core/*.cpp' 'partitions/*.cpp' |
        quietly xargs run-clang-tidy -quiet -p build-asan -extra-arg=-Wno-unknown-warning-option -j "$jobs"
}

step_boot() {
    cmake --preset default
    cmake --build --preset default --target bootable boot_tests -j "$jobs"
    ctest --preset default -L 'cli|boot' -j "$jobs"
}

scripts/setup.sh
for step in "${steps[@]}"; do
    echo "test: $step"
    begin=$SECONDS
    "step_$step"
    echo "test: $step passed in $((SECONDS - begin)) s"
done
