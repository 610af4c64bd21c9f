# shellcheck shell=bash disable=SC2154
# What ./dev fuzz and the part of that name do; sourced by ./dev, whose need, say, fail, TARGET and ROOT it uses.

FUZZ_HOME=$TARGET/fuzz

# Builds the fuzzers: ours with counters, what they stand on without.
fuzz_build() {
    command -v cargo >/dev/null || fail "Rust is missing: install it from https://rustup.rs and try again"
    need gcc command -v cc
    need g++ command -v c++
    install_missing
    say 'building the fuzzers'
    RUSTC_WORKSPACE_WRAPPER=$ROOT/fuzz/rustc-with-coverage \
        cargo build --locked -p rdkafka-fuzz --features libfuzzer --bins
}

fuzz_binary() { echo "$TARGET/debug/fuzz-$1"; }

# A line per target: fuzzer, name, longest input, what it covers.
fuzz_targets() {
    local family
    for family in wire records log broker client text; do
        FUZZ_CORPUS=list "$(fuzz_binary "$family")" 2>/dev/null | sed "s/^/$family\t/"
    done
}

# fuzz_one NAME SECONDS: the corpus, then new inputs for so long; a line of what came of it.
fuzz_one() {
    local name=$1 seconds=$2 family bytes folder status=0
    IFS=$'\t' read -r family _ bytes _ < <(fuzz_targets | awk -F'\t' -v n="$name" '$2 == n')
    [ -n "$family" ] || fail "$name is no target: $(fuzz_targets | cut -f2 | xargs)"
    folder=$FUZZ_HOME/run/$name
    rm -rf "$folder"
    mkdir -p "$folder/inputs"
    local fuzzer
    fuzzer=$(fuzz_binary "$family")
    export FUZZ_TARGET=$name
    FUZZ_CORPUS=unpack FUZZ_FOLDER=$folder/inputs "$fuzzer" >/dev/null 2>"$folder/output" ||
        { cat "$folder/output"; return 1; }
    "$fuzzer" -max_total_time="$seconds" -max_len="$bytes" -timeout=20 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="$folder/" "$folder/inputs" >"$folder/output" 2>&1 </dev/null || status=1
    if [ "$status" != 0 ]; then
        grep -E 'panicked|SUMMARY|ERROR|^[a-z].*: .*(bytes of memory|spins|twice)' -A3 "$folder/output" | head -20
        local input
        input=$(find "$folder" -maxdepth 1 -type f -name '*-*' | head -1)
        echo "not ok $name: to see it again: ./dev fuzz $name ${input#"$ROOT"/}"
        return 1
    fi
    if [ -n "${FUZZ_KEEP:-}" ]; then
        mkdir -p "$folder/merged"
        "$fuzzer" -merge=1 -max_len="$bytes" -timeout=60 "$folder/merged" "$folder/inputs" >>"$folder/output" 2>&1
        FUZZ_CORPUS=pack FUZZ_FOLDER=$folder/merged "$fuzzer" 2>/dev/null
    fi
    echo "ok $name: $(awk '/^stat::number_of_executed_units/ { runs = $2 } / cov: / { for (i = 1; i < NF; i++) {
        if ($i == "cov:") cov = $(i + 1); if ($i == "corp:") corp = $(i + 1) } if (!first) first = cov }
        END { print runs " inputs, coverage " first " -> " cov ", corpus " corp }' "$folder/output")"
}

# fuzz_many SECONDS NAME...: as many at a time as there are cores; counts into fuzz_ok and fuzz_bad.
fuzz_many() {
    local seconds=$1 name cores running=0
    shift
    cores=$(nproc)
    rm -rf "$FUZZ_HOME/run"
    mkdir -p "$FUZZ_HOME/run"
    for name in "$@"; do
        (fuzz_one "$name" "$seconds" && touch "$FUZZ_HOME/run/$name/ok") &
        running=$((running + 1))
        [ "$running" -lt "$cores" ] || { wait -n || true; running=$((running - 1)); }
    done
    wait
    fuzz_ok=0 fuzz_bad=0
    for name in "$@"; do
        if [ -f "$FUZZ_HOME/run/$name/ok" ]; then fuzz_ok=$((fuzz_ok + 1)); else fuzz_bad=$((fuzz_bad + 1)); fi
    done
}

# fuzz [list | TARGET [SECONDS | FILE]]
fuzz() {
    fuzz_build
    local name=${1:-} seconds=${2:-${FUZZ_SECONDS:-60}} names=()
    if [ "$name" = list ]; then
        fuzz_targets | awk -F'\t' '{ printf "%-20s %s\n", $2, $4 }'
    elif [ -f "$seconds" ]; then
        local family
        family=$(fuzz_targets | awk -F'\t' -v n="$name" '$2 == n { print $1 }')
        FUZZ_TARGET=$name exec "$(fuzz_binary "$family")" -timeout=20 -rss_limit_mb=1024 "$seconds"
    else
        if [ -n "$name" ]; then names=("$name"); else mapfile -t names < <(fuzz_targets | cut -f2); fi
        fuzz_many "$seconds" "${names[@]}"
        say "fuzz: $fuzz_ok targets held, $fuzz_bad did not"
        [ "$fuzz_bad" = 0 ]
    fi
}
