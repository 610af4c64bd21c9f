# shellcheck shell=bash disable=SC2154
# part: 15 sim
# help: thousands of seeds of the simulation: both cores under faults, in virtual time (SIM_SEEDS, SIM_FIRST, SIM_SECONDS),
# help: and bugs put in on purpose, each of which a law has to find

test_sim() {
    need_build
    local log=$TARGET/test-sim.log ok=0 p f
    mkdir -p "$TARGET"
    say 'simulation'
    # optimised a little: a seed takes milliseconds then, and every assertion holds
    SIM_SEEDS=${SIM_SEEDS:-4000} \
        cargo test --profile checked --locked -p rdkafka-sim -- --nocapture >"$log" 2>&1 || ok=1
    grep -E 'seeds in|^SIM_SEED=|: seed [0-9]+, |NOT FOUND|^error' "$log" || true
    p=$(awk '/^test result:/ { n += $4 } END { print n + 0 }' "$log")
    f=$(awk '/^test result:/ { n += $6 } END { print n + 0 }' "$log")
    [ "$ok" = 0 ] || [ "$f" -gt 0 ] || f=1
    count "$p" "$f" 'sim' "$log"
}
