# shellcheck shell=bash disable=SC2154
# part: 10 cargo
# help: unit, scenario, oracle and integration tests of all crates (but the simulation, which is the part sim)

test_cargo() {
    need_build
    local log=$TARGET/test-cargo.log ok=0
    mkdir -p "$TARGET"
    say 'cargo tests of all crates'
    cargo test --workspace --exclude rdkafka-sim --locked --no-fail-fast 2>&1 | tee "$log" || ok=1
    local p f
    p=$(awk '/^test result:/ { n += $4 } END { print n + 0 }' "$log")
    f=$(awk '/^test result:/ { n += $6 } END { print n + 0 }' "$log")
    [ "$ok" = 0 ] || [ "$f" -gt 0 ] || f=1
    count "$p" "$f" 'cargo' "$log"
}
