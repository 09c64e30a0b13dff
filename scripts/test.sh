#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that must hold before a change is published, fast checks first: style, unit tests under
# sanitizers, fuzzers for a bounded number of runs, static analysis, boots on the emulated machine.
#
#   scripts/test.sh [STEP...]     steps: style unit fuzz tidy boot; default: all
#
# Exit status: 0 when every step passed; the first that fails ends the run. The last line counts tests;
# style and tidy are one each.
set -euo pipefail

cd "$(dirname "$0")/.."
steps=("$@")
[ ${#steps[@]} -gt 0 ] || steps=(style unit fuzz tidy boot)
jobs=$(nproc)
passed=0
failed=0
log=$(mktemp)

finish() {
    local status=$?
    rm -f "$log"
    [ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
    echo "$passed passed, $failed failed"
}
trap finish EXIT

# One test; what COMMAND says is shown only where it fails.
quietly() { # COMMAND...
    local status=0
    "$@" >"$log" 2>&1 || status=$?
    [ $status -eq 0 ] || cat "$log" >&2
    [ $status -ne 0 ] || passed=$((passed + 1))
    return $status
}

# Runs CTest and counts by its summary, "100% tests passed, 0 tests failed out of 7". No summary, as
# where there are no tests, is a failure too.
run_ctest() { # OPTION...
    local status=0 bad=1 all=1
    ctest "$@" | tee "$log" || status=$?
    read -r bad all < <(sed -n 's/.* \([0-9]*\) tests failed out of \([0-9]*\)$/\1 \2/p' "$log") || status=1
    failed=$((failed + ${bad:-1}))
    passed=$((passed + ${all:-1} - ${bad:-1}))
    return "$status"
}

sources() { git ls-files '*.cpp' '*.hpp' '*.c'; }

step_style() {
    sources | xargs clang-format --dry-run --Werror
    git ls-files '*.sh' .ci/run | xargs shellcheck
    passed=$((passed + 1))
}

step_unit() {
    cmake --preset asan
    cmake --build --preset asan --target unit_tests -j "$jobs"
    run_ctest --preset asan -L unit -j "$jobs"
}

step_fuzz() {
    cmake --preset asan
    cmake --build --preset asan --target fuzzers -j "$jobs"
    # Random bytes are no layout: this fuzzer begins with files that are. What it finds stays in build-asan.
    local layouts=(build-asan/layouts tests/unit/partitions/samples configs/layouts configs/platforms) seeds
    rm -rf "${layouts[0]}"
    mkdir -p "${layouts[0]}"
    for fuzzer in build-asan/bin/*_fuzz; do
        echo "test: $fuzzer, 20000 runs"
        seeds=()
        [ "$(basename "$fuzzer")" != layout_fuzz ] || seeds=("${layouts[@]}")
        quietly "$fuzzer" -seed=1 -runs=20000 -max_len=4096 -timeout=60 -artifact_prefix=build-asan/ "${seeds[@]}"
    done
}

# Half the time of clang-tidy is its analyser, which walks paths: it is for the code that guests reach.
tidy() { # CHECKS FILE...
    local checks=$1
    shift
    xargs run-clang-tidy -quiet -p build-asan -extra-arg=-Wno-unknown-warning-option -checks="$checks" \
        -j "$jobs" < <(git ls-files "$@")
}

step_tidy() {
    cmake --preset asan >/dev/null
    quietly tidy '' 'firmware/core/*.cpp' 'ioserver/devices/*.cpp'
    quietly tidy '-clang-analyzer-*' 'ioserver/linux/*.cpp' 'partitions/*.cpp'
}

step_boot() {
    cmake --preset default
    cmake --build --preset default --target bootable boot_tests -j "$jobs"
    run_ctest --preset default -L 'cli|boot' -j "$jobs"
}

scripts/setup.sh
for step in "${steps[@]}"; do
    echo "test: $step"
    begin=$SECONDS
    "step_$step"
    echo "test: $step passed in $((SECONDS - begin)) s"
done
