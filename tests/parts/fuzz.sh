# shellcheck shell=bash disable=SC2154
# part: 15 fuzz
# help: every decoder under libFuzzer: its corpus, then new inputs for FUZZ_SECONDS (3) each

test_fuzz() {
    fuzz_build
    local names
    mapfile -t names < <(fuzz_targets | cut -f2)
    say "fuzz: ${#names[@]} targets"
    local log=$TARGET/test-fuzz.log
    # not through a pipe: fuzz_many counts in variables
    fuzz_many "${FUZZ_SECONDS:-3}" "${names[@]}" >"$log" 2>&1
    cat "$log"
    count "$fuzz_ok" "$fuzz_bad" 'fuzz' "$log"
}
