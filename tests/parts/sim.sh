# shellcheck shell=bash disable=SC2154
# part: -- sim
# help: (by name only) two thousand seeds of the simulation: both cores under faults, in virtual time (SIM_SEEDS, SIM_SECONDS)

test_sim() {
    need_build
    local log=$TARGET/test-sim.log ok=0 p f
    mkdir -p "$TARGET"
    say 'simulation'
    SIM_SEEDS=${SIM_SEEDS:-2000} SIM_SECONDS=${SIM_SECONDS:-60} \
        cargo test --profile quick --locked -p rdkafka-sim -- --nocapture >"$log" 2>&1 || ok=1
    grep -E 'seeds in|^SIM_SEED=' "$log" || true
    p=$(awk '/^test result:/ { n += $4 } END { print n + 0 }' "$log")
    f=$(awk '/^test result:/ { n += $6 } END { print n + 0 }' "$log")
    [ "$ok" = 0 ] || [ "$f" -gt 0 ] || f=1
    count "$p" "$f" 'sim'
}
